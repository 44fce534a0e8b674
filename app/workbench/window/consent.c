/* consent.c: see consent.h. */
#include "app/workbench/window/consent.h"

#include "app/store/store.h"

#include <glib/gi18n.h>

typedef struct
{
  char *folder;
  EidConsentFunc agreed;
  gpointer data;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->data);
  g_free (question->folder);
  g_free (question);
}

static void
complain (GtkWindow *parent, const char *problem)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, _ ("Your Consent Cannot Be Kept"), problem);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  const Question *question = data;
  g_autoptr (GError) error = NULL;

  if (!g_str_equal (response, "trust"))
    return;
  if (eid_run_adopt_code (question->folder, &error))
    question->agreed (question->folder, question->data);
  else
    complain (gtk_window_get_transient_for (GTK_WINDOW (dialog)), error->message);
}

void
eid_consent_ask (GtkWindow *parent, const char *folder, EidConsentFunc agreed, gpointer data)
{
  g_autoptr (GPtrArray) foreign = eid_run_foreign_code (folder);
  g_autoptr (GString) names = g_string_new (NULL);
  GtkWidget *dialog;
  Question *question;

  if (foreign->len == 0)
    {
      agreed (folder, data);
      return;
    }
  for (guint i = 0; i < foreign->len; i++)
    {
      g_autofree char *name = g_filename_display_name (foreign->pdata[i]);

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", name);
    }
  dialog = adw_message_dialog_new (parent, _ ("Run Somebody Else’s Code?"), NULL);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  _ ("This run brings code that was not made by you on this machine: %s. To "
                                     "open the run is to run it, and "
                                     "it may do whatever you may. Agree only if you trust whoever made it."),
                                  names->str);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "trust",
                                    _ ("_Trust and Open"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "trust", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  question = g_new (Question, 1);
  *question = (Question){ g_strdup (folder), agreed, g_object_ref (data) };
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), question, question_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
