/* prototypes.c: the bars of prototypes and their sentence; see views.h. */
#include "app/workbench/pages/embedding/views.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/workbench/client/variant.h"

struct _EidEmbeddingPrototypes
{
  AdwBin parent_instance;

  EidSampleKind kind;
  EidBars *bars;
  GtkLabel *uses, *teacher;
};

G_DEFINE_FINAL_TYPE (EidEmbeddingPrototypes, eid_embedding_prototypes, ADW_TYPE_BIN)

static void
tell_uses (EidEmbeddingPrototypes *self, GVariant *picture, guint prototypes)
{
  const guint unused = eid_answer_uint (picture, "unused");
  g_autofree char *all = eid_format_count (prototypes);
  g_autofree char *rows = eid_format_count (eid_answer_uint (picture, "rows"));
  g_autofree char *pictures = eid_format_count (eid_answer_uint (picture, "count"));
  g_autofree char *used = eid_format_count (prototypes - MIN (unused, prototypes));
  g_autofree char *dead = eid_format_count (unused);
  g_autofree char *in_use = eid_format_number (eid_answer_double (picture, "in-use"));
  g_autofree char *text = g_strdup_printf (
      self->kind == EID_SAMPLE_PASSAGE
          ? _ ("%s of %s prototypes are named first by %s views of %s passages, %s by none; the uses "
               "are as even as those of %s")
          : _ ("%s of %s prototypes are named first by %s views of %s pictures, %s by none; the uses "
               "are as even as those of %s"),
      used, all, rows, pictures, dead, in_use);

  gtk_label_set_label (self->uses, text);
}

static void
tell_teacher (EidEmbeddingPrototypes *self, GVariant *picture)
{
  const double divergence_value = eid_answer_double (picture, "divergence");
  g_autofree char *entropy = eid_format_number (eid_answer_double (picture, "entropy"));
  g_autofree char *most = eid_format_number (eid_answer_double (picture, "entropy-most"));
  g_autofree char *divergence = eid_format_number (divergence_value);
  g_autofree char *text =
      isfinite (divergence_value)
          ? g_strdup_printf (
              _ ("entropy of a view’s targets %s of at most %s nats · divergence from them %s nats"), entropy,
              most, divergence)
          : g_strdup_printf (_ ("entropy of a view’s targets %s of at most %s nats"), entropy, most);

  gtk_label_set_label (self->teacher, text);
}

gboolean
eid_embedding_prototypes_show (EidEmbeddingPrototypes *self, GVariant *picture)
{
  const guint prototypes = eid_answer_uint (picture, "prototypes");
  g_autoptr (GVariant) keep_use = NULL, keep_mass = NULL;
  gsize n_use, n_mass;
  const double *use = eid_answer_doubles (picture, "use", &n_use, &keep_use);
  const double *mass = eid_answer_doubles (picture, "mass", &n_mass, &keep_mass);

  if (use == NULL || prototypes == 0 || n_use != prototypes)
    return FALSE;
  eid_bars_set_values (self->bars, use, n_mass == n_use ? mass : NULL, n_use);
  eid_bars_set_rule (self->bars, _ ("all alike"), 1.0 / prototypes);
  tell_uses (self, picture, prototypes);
  tell_teacher (self, picture);
  return TRUE;
}

void
eid_embedding_prototypes_clear (EidEmbeddingPrototypes *self, EidSampleKind kind)
{
  self->kind = kind;
  eid_bars_set_values (self->bars, NULL, NULL, 0);
  gtk_label_set_label (self->uses, "");
  gtk_label_set_label (self->teacher, "");
}

static void
eid_embedding_prototypes_class_init (EidEmbeddingPrototypesClass *klass)
{
}

static GtkLabel *
add_line (GtkWidget *box)
{
  GtkWidget *label = gtk_label_new ("");

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_set_margin_start (label, 12);
  gtk_widget_set_margin_end (label, 12);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
eid_embedding_prototypes_init (EidEmbeddingPrototypes *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->bars = EID_BARS (eid_bars_new ());
  eid_bars_set_titles (self->bars, _ ("share of the views that name it first"), _ ("mean probability"),
                       _ ("prototype"), _ ("prototypes, the most used first"));
  eid_bars_set_empty_text (self->bars, _ ("Looking at what the views are assigned to"));
  gtk_widget_set_hexpand (GTK_WIDGET (self->bars), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->bars), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bars));
  self->uses = add_line (box);
  self->teacher = add_line (box);
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
eid_embedding_prototypes_new (void)
{
  return g_object_new (EID_TYPE_EMBEDDING_PROTOTYPES, NULL);
}
