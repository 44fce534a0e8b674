/* compare.c: two pages beside one another, each with its run: the leader, which the window
 * has always, has the controls of both; the one beside it follows. What a person chooses on
 * either, the other is told. See page.h.                                      */
#include "app/workbench/pages/private.h"

#include <glib/gi18n.h>

#define PRIVATE(self) eid_page_private (self)

static gboolean
shows_view (EidPage *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (PRIVATE (self)->stack), "view") == 0;
}

void
eid_page_update_foot (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);
  EidPage *leader = priv->follows ? priv->beside : self;

  if (leader == NULL)
    return;
  gtk_widget_set_visible (PRIVATE (leader)->foot,
                          shows_view (leader)
                              || (PRIVATE (leader)->beside && shows_view (PRIVATE (leader)->beside)));
}

/* --- What is chosen ------------------------------------------------------------ */

static void
pass (EidPage *from, EidPage *to)
{
  GVariantDict choice;

  if (EID_PAGE_GET_CLASS (from)->save_choice == NULL)
    return;
  g_variant_dict_init (&choice, NULL);
  EID_PAGE_GET_CLASS (from)->save_choice (from, &choice);
  PRIVATE (to)->taking = TRUE;
  EID_PAGE_GET_CLASS (to)->take_choice (to, &choice);
  PRIVATE (to)->taking = FALSE;
  g_variant_dict_clear (&choice);
}

void
eid_page_tell_choice (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);

  /* One that was told does not tell it back. */
  if (priv->beside && !priv->taking)
    pass (self, priv->beside);
}

void
eid_page_adopt_choice (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);

  if (priv->follows && priv->beside)
    pass (priv->beside, self);
}

gboolean
eid_page_follows (EidPage *self)
{
  return PRIVATE (self)->follows;
}

/* --- Beside one another ----------------------------------------------------------- */

void
eid_page_set_run (EidPage *self, guint run, const char *name)
{
  EidPagePrivate *priv = PRIVATE (self);
  const char *title = _ (EID_PAGE_GET_CLASS (self)->title);
  g_autofree char *of_run =
      run > 0 && name ? g_strdup_printf ("%s: %s %s", title, eid_run_letter (run), name) : g_strdup (title);

  eid_run_tag_set (priv->tag, run, name);
  gtk_widget_set_visible (priv->titles, name != NULL);
  gtk_widget_set_visible (GTK_WIDGET (priv->step_label), name == NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, of_run, -1);
}

/* One that shows the other run in its own view has the other's title beside its own. */
static void
join (EidPage *self, EidPage *other)
{
  EidPagePrivate *theirs = PRIVATE (other);

  g_object_ref (theirs->title);
  gtk_box_remove (GTK_BOX (theirs->titles), theirs->title);
  gtk_box_append (GTK_BOX (PRIVATE (self)->titles), theirs->title);
  g_object_unref (theirs->title);
  PRIVATE (self)->joined = g_object_ref_sink (other);
  EID_PAGE_GET_CLASS (self)->join (self, other);
}

static void
part (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);

  if (priv->beside == NULL)
    return;
  PRIVATE (priv->beside)->beside = NULL;
  if (priv->joined)
    {
      EID_PAGE_GET_CLASS (self)->join (self, NULL);
      gtk_box_remove (GTK_BOX (priv->titles), PRIVATE (priv->joined)->title);
      g_object_run_dispose (G_OBJECT (priv->joined));
      g_clear_object (&priv->joined);
    }
  priv->beside = NULL;
  eid_pair_set_second (priv->pair, NULL);
}

void
eid_page_set_beside (EidPage *self, EidPage *other)
{
  EidPagePrivate *priv = PRIVATE (self);

  part (self);
  if (other)
    {
      priv->beside = other;
      PRIVATE (other)->beside = self;
      PRIVATE (other)->follows = TRUE;
      gtk_widget_set_visible (PRIVATE (other)->foot, FALSE);
      if (EID_PAGE_GET_CLASS (self)->share)
        EID_PAGE_GET_CLASS (self)->share (self, other);
      if (EID_PAGE_GET_CLASS (self)->join)
        join (self, other);
      else
        eid_pair_set_second (priv->pair, GTK_WIDGET (other));
      pass (self, other);
    }
  eid_page_update_foot (self);
}

GtkWidget *
eid_page_get_shown (EidPage *self)
{
  EidPagePrivate *priv = PRIVATE (self);

  return priv->beside && !priv->joined ? GTK_WIDGET (priv->pair) : eid_page_get_content (self);
}
