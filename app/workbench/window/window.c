/* window.c: the window's parts, and what they say and allow in which phase of a run. */
#include <glib/gi18n.h>

#include "app/workbench/pages/pages.h"
#include "app/workbench/client/settings.h"
#include "app/workbench/window/private.h"

G_DEFINE_FINAL_TYPE (EidWindow, eid_window, ADW_TYPE_APPLICATION_WINDOW)

/* What can be done in which phase. */
static const struct
{
  gboolean start, pause, step, stop, undo;
} possible[EID_N_PHASES] = {
  [EID_PHASE_IDLE] = { .start = TRUE },
  [EID_PHASE_PREPARING] = { .stop = TRUE },
  [EID_PHASE_RUNNING] = { .pause = TRUE, .step = TRUE, .stop = TRUE, .undo = TRUE },
  [EID_PHASE_PAUSED] = { .pause = TRUE, .step = TRUE, .stop = TRUE, .undo = TRUE },
  [EID_PHASE_DONE] = { .start = TRUE },
  [EID_PHASE_FAILED] = { .start = TRUE, .undo = TRUE },
  [EID_PHASE_LOST] = { .start = TRUE, .undo = TRUE },
};

/* --- Saying things --------------------------------------------------------- */

void
eid_window_complain (EidWindow *self, const char *sentence)
{
  g_autofree char *former = self->complaint;

  self->complaint = g_strdup (sentence);
  eid_window_update (self);
}

void
eid_window_update_health (EidWindow *self)
{
  EidHealth health;

  self->evidence.edited = eid_engine_client_phase (self->client) == EID_PHASE_LOST
                              ? self->lost_by_edit
                              : eid_chronicle_edited_lately (eid_timeline_chronicle (self->timeline));
  health = eid_health_judge (self->client, &self->evidence);
  if (self->complaint && health.level != EID_HEALTH_ERROR)
    {
      g_free (health.sentence);
      health = (EidHealth){ EID_HEALTH_ERROR, g_strdup (self->complaint), EID_CURE_NONE };
    }
  if (self->no_device && eid_engine_client_phase (self->client) == EID_PHASE_IDLE)
    {
      g_free (health.sentence);
      health = (EidHealth){
        EID_HEALTH_ERROR,
        g_strdup (_ ("There is no OpenCL device to compute on. Install a driver for your GPU, or PoCL to "
                     "compute on the "
                     "processor (on Debian: apt install pocl-opencl-icd), and start the engine again")),
        EID_CURE_LAUNCH
      };
    }
  self->cure = self->beginning ? EID_CURE_NONE : health.cure;
  eid_health_line_set (self->health_line, health.level, health.sentence, eid_cure_label (self->cure));
  g_free (health.sentence);
}

static void
update_title (EidWindow *self)
{
  g_autofree char *run = self->draft ? eid_draft_get (self->draft, "Run", "title") : NULL;
  g_autofree char *parts = eid_window_describe_draft (self);
  g_autofree char *title = run && *run && parts ? g_strdup_printf ("%s · %s", run, parts) : NULL;
  const char *shown = title ? title : parts ? parts : _ ("Eidoscope");

  adw_window_title_set_title (self->title, shown);
  gtk_window_set_title (GTK_WINDOW (self), shown);
  if (!eid_engine_client_busy (self->client))
    adw_window_title_set_subtitle (self->title, "");
}

/* The augmentations of what is in the side bar are seen before there is a run. */
void
eid_window_show_draft (EidWindow *self)
{
  g_autofree char *text = self->draft ? eid_draft_to_text (self->draft) : NULL;

  eid_page_augmentations_set_draft (EID_PAGE_AUGMENTATIONS (self->augmentations), text,
                                    eid_start_page_device (self->start_page));
}

static void
update_pause_button (EidWindow *self, gboolean paused)
{
  const char *label = paused ? _ ("Continue") : _ ("Pause");

  gtk_button_set_icon_name (GTK_BUTTON (self->pause_button),
                            paused ? "media-playback-start-symbolic" : "media-playback-pause-symbolic");
  gtk_widget_set_tooltip_text (self->pause_button, paused ? _ ("Continue (Space)") : _ ("Pause (Space)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->pause_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

void
eid_window_update (EidWindow *self)
{
  const EidPhase phase = eid_engine_client_phase (self->client);
  const gboolean busy = eid_engine_client_busy (self->client), free = !self->beginning && !self->closing;
  const gboolean can_start = free && possible[phase].start && self->draft;
  GtkWidget *widget = GTK_WIDGET (self);
  AdwViewStackPage *recipe = adw_view_stack_get_page (self->pages, GTK_WIDGET (self->start_page));

  gtk_widget_action_set_enabled (widget, "win.start", can_start);
  gtk_widget_action_set_enabled (widget, "win.pause", free && possible[phase].pause);
  gtk_widget_action_set_enabled (widget, "win.step", free && possible[phase].step);
  gtk_widget_action_set_enabled (widget, "win.stop", free && possible[phase].stop);
  gtk_widget_action_set_enabled (widget, "win.save", free && possible[phase].step);
  gtk_widget_action_set_enabled (
      widget, "win.undo",
      free && possible[phase].undo
          && (phase == EID_PHASE_LOST ? self->lost_by_edit
                                      : eid_chronicle_can_undo (eid_timeline_chronicle (self->timeline))));
  gtk_widget_action_set_enabled (widget, "win.now", eid_timeline_in_past (self->timeline));
  gtk_widget_action_set_enabled (widget, "win.new-run", free && !busy);
  gtk_widget_action_set_enabled (widget, "win.resume", free && !busy);
  gtk_widget_action_set_enabled (widget, "win.undo-edit",
                                 free && !busy && self->draft && eid_draft_can_undo (self->draft));
  gtk_widget_action_set_enabled (widget, "win.redo-edit",
                                 free && !busy && self->draft && eid_draft_can_redo (self->draft));
  gtk_widget_action_set_enabled (widget, "win.open-folder", eid_engine_client_folder (self->client) != NULL);
  gtk_widget_action_set_enabled (widget, "win.compare", free && eid_engine_client_folder (self->client));
  gtk_widget_action_set_enabled (widget, "win.compare-with", free && eid_engine_client_folder (self->client));
  gtk_widget_action_set_enabled (widget, "win.compare-origin", free && self->origin);
  gtk_widget_action_set_enabled (widget, "win.compare-end", self->compare != NULL);
  eid_start_page_set_open_run (self->start_page, eid_engine_client_folder (self->client));
  eid_start_page_set_can_start (self->start_page, can_start);
  adw_view_stack_page_set_visible (recipe, !busy && !self->beginning);
  eid_sidebar_set_running (self->sidebar, busy);
  update_pause_button (self, phase == EID_PHASE_PAUSED);
  update_title (self);
  eid_window_update_pages (self);
  eid_window_update_health (self);
  eid_window_update_plugin (self);
  eid_window_show_draft (self);
}

/* --- What the person does -------------------------------------------------- */

void
eid_window_show_page (EidWindow *self, const char *name)
{
  adw_view_stack_set_visible_child_name (self->pages, name);
}

const char *
eid_window_shown_page (EidWindow *self)
{
  return adw_view_stack_get_visible_child_name (self->pages);
}

static void
on_cure (EidWindow *self)
{
  const char *folder = eid_engine_client_folder (self->client);

  switch (self->cure)
    {
    case EID_CURE_RESUME:
    case EID_CURE_GO_ON:
      if (folder)
        eid_window_resume (self, folder);
      break;
    case EID_CURE_UNDO:
      eid_window_undo (self);
      break;
    case EID_CURE_LAUNCH:
      eid_window_launch (self);
      break;
    case EID_CURE_KILL:
      eid_engine_client_kill (self->client);
      break;
    case EID_CURE_SKIP:
      eid_engine_client_skip (self->client);
      break;
    case EID_CURE_NONE:
      break;
    }
}

static void
on_alarm_cure (EidWindow *self, const char *section, const char *key)
{
  adw_flap_set_reveal_flap (self->flap, TRUE);
  eid_sidebar_show_key (self->sidebar, section, key);
}

static void
on_edited (EidWindow *self)
{
  eid_window_check_draft (self);
  eid_window_complain (self, NULL);
}

static void
on_offered (EidWindow *self, gboolean there_is)
{
  if (!there_is && g_strcmp0 (eid_window_shown_page (self), "own") == 0)
    eid_window_show_page (self, self->text ? "progress" : "augmentations");
  adw_view_stack_page_set_visible (adw_view_stack_get_page (self->pages, GTK_WIDGET (self->own)), there_is);
}

/* --- The object ------------------------------------------------------------ */

static void
eid_window_dispose (GObject *object)
{
  EidWindow *self = EID_WINDOW (object);

  g_clear_handle_id (&self->toast_time, g_source_remove);
  g_clear_handle_id (&self->edit_timeout, g_source_remove);
  g_clear_pointer (&self->edit, g_strfreev);
  if (self->sidebar)
    eid_sidebar_set_draft (self->sidebar, NULL);
  g_clear_handle_id (&self->check, g_source_remove);
  g_clear_object (&self->chooser);
  g_clear_object (&self->compare);
  g_clear_pointer (&self->origin, g_free);
  g_clear_pointer (&self->branched_from, g_free);
  self->client = NULL;
  /* Questions on their way hold it: their answers must find no page of this window. */
  if (self->desk)
    g_object_run_dispose (G_OBJECT (self->desk));
  g_clear_object (&self->desk);
  g_clear_pointer (&self->plugins, g_ptr_array_unref);
  g_clear_pointer (&self->draft, eid_draft_free);
  g_clear_pointer (&self->recipe_file, g_free);
  g_clear_pointer (&self->device, g_free);
  g_clear_pointer (&self->resume_folder, g_free);
  g_clear_pointer (&self->complaint, g_free);
  eid_evidence_clear (&self->evidence);
  G_OBJECT_CLASS (eid_window_parent_class)->dispose (object);
}

static void
eid_window_class_init (EidWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (EID_TYPE_ALARM_BANNER);
  g_type_ensure (EID_TYPE_COMPARE_BAR);
  g_type_ensure (EID_TYPE_SIDEBAR);
  g_type_ensure (EID_TYPE_START_PAGE);
  g_type_ensure (EID_TYPE_PLUGIN_PANE);
  g_type_ensure (EID_TYPE_TIMELINE);
  g_type_ensure (EID_TYPE_PAGE_AUGMENTATIONS);
  g_type_ensure (EID_TYPE_PAGE_RECONSTRUCTION);
  g_type_ensure (EID_TYPE_PAGE_ATTENTION);
  g_type_ensure (EID_TYPE_PAGE_EMBEDDING);
  g_type_ensure (EID_TYPE_PAGE_PROGRESS);
  g_type_ensure (EID_TYPE_PAGE_OWN);

  G_OBJECT_CLASS (klass)->dispose = eid_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = eid_window_close_request;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/eidoscope/Workbench/window.ui");
  gtk_widget_class_bind_template_child (widget_class, EidWindow, title);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, pause_button);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, narrow_tabs);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, alarm);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, compare_bar);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, start_page);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, health_line);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, plugin_pane);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, timeline);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, augmentations);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, reconstruction);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, attention);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, embedding);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, progress);
  gtk_widget_class_bind_template_child (widget_class, EidWindow, own);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_choose_recipe);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_choose_proposal);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_open_run);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_start);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_end_comparison);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_toggle_second);
  gtk_widget_class_bind_template_callback (widget_class, on_cure);
  gtk_widget_class_bind_template_callback (widget_class, on_alarm_cure);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_edit);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_toast);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_list_plugins);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_wish);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_travel);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_keep);
  gtk_widget_class_bind_template_callback (widget_class, eid_window_branch);
  gtk_widget_class_bind_template_callback (widget_class, on_offered);

  eid_window_install_actions (widget_class);
}

static void
restore_size (EidWindow *self)
{
  GSettings *settings = eid_settings ();
  int width, height;

  if (settings == NULL)
    return;
  g_settings_get (settings, "window-size", "(ii)", &width, &height);
  if (width >= 360 && height >= 300)
    gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

static void
show_whole_words (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    gtk_label_set_ellipsize (GTK_LABEL (widget), PANGO_ELLIPSIZE_NONE);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    show_whole_words (child);
}

static void
eid_window_init (EidWindow *self)
{
  g_autoptr (EidPins) pins = eid_pins_new ();
  g_autofree char *preferred = eid_settings () ? g_settings_get_string (eid_settings (), "recipe") : NULL;

  self->desk = eid_desk_new ();
  self->client = eid_desk_client (self->desk);
  self->evidence = eid_evidence_none ();
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Words are not equally long, in some languages long: each tab has the room that its own takes. */
  if (GTK_IS_BOX_LAYOUT (gtk_widget_get_layout_manager (self->narrow_tabs)))
    gtk_box_layout_set_homogeneous (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (self->narrow_tabs)),
                                    FALSE);
  show_whole_words (self->narrow_tabs);
  restore_size (self);
  eid_window_add_plain_keys (self);

  self->page[0] = self->augmentations;
  self->page[1] = self->reconstruction;
  self->page[2] = self->attention;
  self->page[3] = self->embedding;
  self->page[4] = self->progress;
  self->page[5] = self->own;
  eid_page_reconstruction_set_pins (EID_PAGE_RECONSTRUCTION (self->reconstruction), pins);
  eid_page_attention_set_pins (EID_PAGE_ATTENTION (self->attention), pins);
  eid_page_own_set_pins (EID_PAGE_OWN (self->own), pins);
  for (guint i = 0; i < EID_WINDOW_PAGES; i++)
    eid_desk_add_page (self->desk, self->page[i]);
  eid_timeline_set_client (self->timeline, self->client);
  eid_plugin_pane_set_client (self->plugin_pane, self->client);
  eid_start_page_set_client (self->start_page, self->client);
  eid_window_accept_drops (self);

  eid_window_listen (self);

  eid_window_update (self);
  eid_start_page_fill (self->start_page, preferred);
  eid_window_launch (self);
}

EidEngineClient *
eid_window_get_client (EidWindow *self)
{
  return self->client;
}

EidWindow *
eid_window_new (GtkApplication *application)
{
  return g_object_new (EID_TYPE_WINDOW, "application", application, NULL);
}
