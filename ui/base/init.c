/* init.c: what the widgets need of the process: resources, icons, style sheet, and their
 * types known by name to templates; and how a button is named.
 */
#include "ui/ui.h"

#include "ui-resources.h"

void
eid_button_set_name (GtkWidget *button, const char *name)
{
  /* From GTK 4.18 on the text on it is its label, and goes before a name. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

void
eid_ui_init (void)
{
  static gsize done = 0;
  GdkDisplay *display = gdk_display_get_default ();

  if (!g_once_init_enter (&done))
    return;
  ui_register_resource ();
  g_type_ensure (EID_TYPE_PICTURE_GRID);
  g_type_ensure (EID_TYPE_ATTENTION_VIEW);
  g_type_ensure (EID_TYPE_COLOUR_BAR);
  g_type_ensure (EID_TYPE_CHART);
  g_type_ensure (EID_TYPE_SCATTER);
  g_type_ensure (EID_TYPE_SPECTRUM);
  g_type_ensure (EID_TYPE_PARAM_ROW);
  g_type_ensure (EID_TYPE_PARAM_FORM);
  g_type_ensure (EID_TYPE_HEALTH_LINE);
  g_type_ensure (EID_TYPE_PAIR);
  g_type_ensure (EID_TYPE_RUN_TAG);
  if (display)
    {
      g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

      gtk_css_provider_load_from_resource (style, "/org/eidoscope/ui/style.css");
      gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (style),
                                                  GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
      gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display), "/org/eidoscope/ui/icons");
    }
  g_once_init_leave (&done, 1);
}
