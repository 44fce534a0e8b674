"""The workbench as a person without a mouse meets it: through accessibility alone.

    story.py WORKBENCH ENGINE [--half 0|1] [STORY ...]

Runs the named stories (all of them without a name, or every second one) against a built workbench
and an engine that speaks its interface, each in a fresh window on a display of
its own. A skip where Xvfb, a session bus or the accessibility bindings are
missing. The faults are those that fake-engine.c has;
against another engine they are passed over.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from accessible import (CONTROLS, Atspi, Failure, GLib, Workbench, children_of, go_back_to, now_and_then, past_step,
                        pause, role_of, save_now, spin_button, wait_for)
from screen import on_own_display, xdotool

PAGES = ["Augmentations", "Reconstruction", "Attention", "Embedding", "Progress"]
REFUSED = "Not to Be Seen"
START = (70, 765)  # a place on the timeline near its beginning


def panel(window, beginning):
    """The page whose name begins so: of the second of two runs it has the run's name in it."""
    return window.find(f"panel {beginning}", lambda node: role_of(node) == "panel"
                       and (node.get_name() or "").startswith(beginning) and node.get_description())


def compare_two_runs(window):
    """Makes two runs, the second in front, and shows the first beside it."""
    for _ in range(2):
        window.start()
        # The run before is still shown when it is pressed: "step 600 · finished" is not of this one.
        wait_for("the run to begin", lambda: re.fullmatch(r"step [\d,.]+", window.says("Augmentations")))
        window.wait_for_step_after(45)
        window.press("Stop")
        wait_for("the page to say that it is stopped", lambda: "stopped" in window.says("Augmentations"))
    window.press("Recipe")
    window.press("Compare with the open run")
    wait_for("the two runs to be compared", lambda: window.control("End Comparison"))


# --- Stories ----------------------------------------------------------------

def every_page_moves(window):
    """Each page shows something of a step, and later something of a later step."""
    window.start()
    for page in PAGES:
        window.press(page)
        wait_for(f"{page} to show a step", lambda: window.step(page) is not None or REFUSED in window.says(page))
        if REFUSED in window.says(page) and page in ("Reconstruction", "Attention"):
            continue
        window.wait_for_step_after(window.step(page), page)
    window.close()


def unseen_pages_rest(window):
    """What nobody looks at is not asked for: of a page that is left no further picture is drawn."""
    def looks():
        with open(os.path.join(window.folder, "looks")) as log:
            return log.read().count("augmentations")

    window.start()
    window.wait_for_step_after(0)
    window.press("Embedding")
    left = window.wait_for_step_after(0, "Embedding")
    # One that was under way may still come.
    left, drawn = window.wait_for_step_after(left, "Embedding"), looks()
    window.wait_for_step_after(left + 2, "Embedding")
    if looks() > drawn:
        raise Failure(f"of Augmentations {looks() - drawn} more pictures were drawn after it was left")
    window.close()


def pause_step_continue_stop(window):
    """Pause holds, Step goes one on, Continue goes on, Stop ends with a checkpoint."""
    window.start()
    window.wait_for_step_after(0)
    held = pause(window)
    time.sleep(0.5)
    if window.step() != held:
        raise Failure(f"paused at step {held}, but now it is {window.step()}")
    window.press("Step")
    wait_for(f"step {held + 1}", lambda: window.step() == held + 1)
    time.sleep(0.5)
    if window.step() != held + 1:
        raise Failure(f"one step from {held} led to {window.step()}")
    window.press("Continue")
    window.wait_for_step_after(held + 1)
    window.press("Stop")
    wait_for("the page to say that it is stopped", lambda: "stopped" in window.says("Augmentations"))
    wait_for("Start to be possible again", lambda: window.control("Start"))
    # That is not its end: the line says how far it is, and leads on.
    window.wait_for_health("Stopped at ")
    stopped = window.step()
    window.press("Resume")
    window.wait_for_step_after(stopped)
    window.close()


def closing_saves_and_leaves_nothing(window):
    """Closing in mid-run ends the engine too, after a checkpoint."""
    window.start()
    window.wait_for_step_after(1)
    window.close()
    runs = os.path.join(window.folder, "eidoscope", "runs")
    for folder in os.listdir(runs):
        saved = [f for _, _, files in os.walk(os.path.join(runs, folder)) for f in files]
        if not any(f == "step" or f.endswith(".safetensors") for f in saved):
            raise Failure(f"no checkpoint in {folder}: {saved}")


def clicks_are_answered(window):
    """Each click of the pointer is answered while the run goes on. How soon is for `bench-window.py` to tell."""
    if not shutil.which("xdotool"):
        print("# passed over: needs xdotool")
        return
    window.start()
    window.wait_for_step_after(0)
    # Through accessibility a press lasts a quarter of a second by design: a real pointer
    # then, on the first button of a window that lies in the corner of an empty display.
    toggle = wait_for("the side bar's button", lambda: window.control("Side bar"))

    def pressed():
        toggle.clear_cache()
        return toggle.get_state_set().contains(Atspi.StateType.PRESSED)

    subprocess.run(["xdotool", "mousemove", "28", "28"], check=True)
    for click in range(1, 7):
        before, step = pressed(), window.step()
        # As long as a finger takes.
        xdotool("mousedown", 1)
        time.sleep(0.05)
        xdotool("mouseup", 1)
        wait_for(f"click {click} to press the button or release it", lambda: pressed() != before)
        window.wait_for_step_after(step)
    window.close()


def attention_has_its_modes(window):
    """The Attention page says what is asked and of whom, and shows patches by colour and by likeness."""
    def says(name, part):
        node = window.find(f"view {name}", lambda node: role_of(node) == "image" and node.get_name() == name)
        return node and part in (node.get_description() or "")

    window.start()
    window.press("Attention")
    window.wait_for_step_after(0, "Attention")
    wait_for("the class token to be named", lambda: says("Attention", "class token: weights from"))
    window.press("Show student and teacher")
    window.wait_for_step_after(window.step("Attention"), "Attention")
    window.press("Show patch colours")
    wait_for("the patches' colours", lambda: says("Patch colours", "principal axes"))
    wait_for("a legend of the colours", lambda: window.find(
        "legend", lambda node: (node.get_name() or "").startswith("Principal axes: red 42")))
    window.press("Hold Colours")
    window.press("Show patch similarity")
    wait_for("the patches' likeness", lambda: says("Patch similarity", "most alike in picture 2"))
    if window.control("Show the student"):
        raise Failure("student and teacher are offered where no attention is shown")
    window.press("Show attention")
    wait_for("attention again", lambda: says("Attention", "class token: weights from"))
    window.close()


def killed_engine_is_resumed(window):
    """kill -9: the window stays, says so, and goes on when asked."""
    window.start()
    window.wait_for_step_after(1)
    os.kill(window.engine, signal.SIGKILL)
    sentence = window.wait_for_health("The engine was killed")
    if "at step" not in sentence or "training" not in sentence:
        raise Failure(f"neither step nor plugins are named: {sentence}")
    # Until it goes on the page shows what it showed before.
    before = window.step()
    window.resume()
    window.wait_for_step_after(before)
    window.close()


def crash_is_told_with_its_last_words(window):
    """A plugin that aborts: its last line is on screen."""
    window.start()
    if "illegal access in loss()" not in window.wait_for_health("crashed"):
        raise Failure(f"its last words are missing: {window.health()}")
    window.resume()
    window.close()


def alarm_leads_to_its_cure(window):
    """A collapsed run: a banner says so, its button finds the setting, and it goes when that has helped."""
    def alarm():
        return window.find("alarm", lambda node: role_of(node) != "label"
                           and (node.get_name() or "").startswith("Complete collapse: ")
                           and node.get_state_set().contains(Atspi.StateType.VISIBLE))

    def setting(name):
        return window.find(name, lambda node: role_of(node) == "spin button" and node.get_name() == name)

    def states(name):
        node = setting(name)
        return node.get_state_set().get_states() if node else []

    window.start()
    wait_for("the alarm", alarm)
    if "0.97" not in alarm().get_name() or "Learning rate (lower)" not in alarm().get_name():
        raise Failure(f"the evidence or the cure is missing: {alarm().get_name()}")
    if "0.97" not in window.wait_for_health("Warning"):
        raise Failure(f"the health line knows nothing of it: {window.health()}")

    window.press("Show Learning rate")
    wait_for("the setting to have the focus", lambda: Atspi.StateType.FOCUSED in states("Learning rate"))
    setting("Learning rate").set_current_value(setting("Learning rate").get_current_value() / 2)
    wait_for("the alarm to end", lambda: alarm() is None)
    window.close()


def hang_is_noticed_and_ended(window):
    """An engine that is deaf: the window says so and ends it when asked."""
    window.start()
    window.wait_for_health("no sign of life")
    window.press("End the Engine")
    window.wait_for_health("ended at your wish")
    window.resume()
    window.close()


def standing_plugin_is_named_and_ended(window):
    """An engine that answers, but is not let go by a plugin: the window says by which."""
    window.start()
    sentence = window.wait_for_health("has not come back from loss()")
    if "simclr" not in sentence or "31 seconds" not in sentence:
        raise Failure(f"neither plugin nor time are named: {sentence}")
    window.press("End the Engine")
    window.wait_for_health("ended at your wish")
    window.close()


def hang_does_not_hold_the_window(window):
    """Closing works although the engine is deaf."""
    window.start()
    window.wait_for_health("no sign of life")
    window.close()


def failure_is_told(window):
    """A run that fails says why; the engine lives and the run can be resumed."""
    window.start()
    window.wait_for_health("lower Optimizer.lr")
    wait_for("the way on", lambda: window.control("Resume from Checkpoint"))
    window.close()


def refused_start_is_told(window):
    """A recipe that cannot be started says what to mend."""
    window.start()
    window.wait_for_health("holds no picture")
    wait_for("Start to be possible again", lambda: window.control("Start"))
    window.close()


def a_page_without_a_view_says_where_to_find_one(window):
    """No reconstruction: a sentence, and an objective that has one."""
    choose_recipe(window, "Fashion SimCLR", "SimCLR")
    window.start()
    window.wait_for_step_after(0)
    window.press("Reconstruction")
    wait_for("the sentence", lambda: REFUSED in window.says("Reconstruction"))
    if "asked autoencoder" not in window.says("Reconstruction"):
        raise Failure(f"no objective is named that has one: {window.says('Reconstruction')}")
    window.close()


def choose_recipe(window, name, part):
    """Takes the recipe of that name, whose window's title has that part."""
    recipes = wait_for("the list of recipes", lambda: window.find(
        "recipes", lambda node: role_of(node) in ("list", "list box") and node.get_name() == "Recipes"))
    names = [recipes.get_child_at_index(i).get_name() for i in range(recipes.get_child_count())]
    recipes.select_child(names.index(name))
    wait_for("the recipe to be taken", lambda: part in window.frame.get_name())


def a_draft_is_seen_before_it_starts(window):
    """The augmentations of a draft are there without a run, other draws on demand, two settings side by side."""
    def words(row):
        node = window.find(f"words of {row}", lambda node: (node.get_name() or "").startswith(f"{row}: crop"))
        return node.get_name() if node else ""

    choose_recipe(window, "Fashion SimCLR", "SimCLR")
    window.press("Augmentations")
    wait_for("the page to show the draft", lambda: "before training" in window.says("Augmentations"))
    before = wait_for("the words of a view", lambda: words("View 2"))
    window.press("Draw Anew")
    wait_for("other draws", lambda: words("View 2") not in ("", before))
    window.press("Hold This")
    now = wait_for("the strip of now", lambda: words("View 1 now"))
    held = wait_for("the strip that is held", lambda: words("View 1 held"))
    if now.split(":")[1] != held.split(":")[1]:
        raise Failure(f"the same setting drew otherwise: “{now}” and “{held}”")
    window.press("Hold This")
    wait_for("one strip again", lambda: words("View 1"))
    window.start()
    window.wait_for_step_after(0)
    window.close()


def a_mask_is_edited_and_undone(window):
    """What is hidden of a picture changes at once, also of a paused run, and comes back."""
    def hidden():
        node = window.find("mask", lambda node: "patches hidden" in (node.get_description() or ""))
        found = node and re.search(r"(\d+) of (\d+) patches", node.get_description())
        return (int(found[1]), int(found[2])) if found else None

    choose_recipe(window, "Fashion MAE", "asked")
    window.start()
    window.wait_for_step_after(0)
    window.press("Pause")
    window.press("Reconstruction")
    count, patches = wait_for("a mask", hidden)
    if not 0 < count < patches:
        raise Failure(f"at first {count} of {patches} patches are hidden")
    window.press("Invert Mask")
    wait_for("the other patches to be hidden", lambda: hidden() == (patches - count, patches))
    window.press("Clear Mask")
    wait_for("nothing to be hidden", lambda: hidden() == (0, patches))
    window.press("Undo Stroke")
    wait_for("the stroke before to be back", lambda: hidden() == (patches - count, patches))
    window.press("Undo Stroke")
    wait_for("the first mask to be back", lambda: hidden() == (count, patches))
    window.press("Redo Stroke")
    wait_for("the stroke to be done again", lambda: hidden() == (patches - count, patches))
    window.press("Enlarge")
    wait_for("one picture alone", lambda: window.find(
        "alone", lambda node: "As the model saw it" == (node.get_name() or "") and hidden()))
    window.close()


def every_control_has_a_name(window):
    """On every page, of a run and before one, whatever takes the focus says what it is."""
    def words_below(node):
        words = []
        for i in range(node.get_child_count()):
            child = node.get_child_at_index(i)
            words += [child.get_name() or ""] if role_of(child) == "label" else [words_below(child)]
        return " ".join(filter(None, words))[:60]

    def nameless(node, path, found, in_list=False):
        try:
            states = node.get_state_set()
            if not states.contains(Atspi.StateType.VISIBLE):
                return
            role, name = role_of(node), (node.get_name() or "").strip()
            takes_focus = role in CONTROLS + ["slider", "spin button", "combo box", "list item", "link"]
            # The entries of a drop-down are GTK's own; their label is read out.
            if takes_focus and not name and not in_list and path[-1] != "GtkListView":
                found.append(" > ".join(path[-4:] + [role, "beside “" + words_below(node) + "”"]))
            for i in range(node.get_child_count()):
                child = node.get_child_at_index(i)
                if child:
                    nameless(child, path + [name or role], found, in_list or role == "combo box")
        except GLib.Error:  # it went while it was looked at
            pass

    def check(where):
        found = []
        nameless(window.frame, [], found)
        if found:
            raise Failure(f"without a name on {where}: " + "; ".join(sorted(set(found))[:8]))

    wait_for("a recipe to be resolved", lambda: window.control("Start"))
    check("the welcome page")
    window.start()
    for page in PAGES:
        window.press(page)
        wait_for(f"{page} to show something", lambda: window.says(page))
        check(page)
    window.press("Augmentations")
    window.press("Stop")
    wait_for("the run to end", lambda: window.control("Start"))
    compare_two_runs(window)
    for page in PAGES:
        window.press(page)
        wait_for(f"{page} to show something", lambda: window.says(page))
        check(f"{page}, of two runs")
    window.close()


def two_runs_stand_side_by_side(window):
    """A second run beside the first: both named, one set of controls for both, both curves; then one again."""
    def count(role, part):
        found = []

        def walk(node):
            if role_of(node) == role and part in (node.get_name() or ""):
                found.append(node)
            for i in range(node.get_child_count()):
                child = node.get_child_at_index(i)
                if child and child.get_state_set().contains(Atspi.StateType.VISIBLE):
                    walk(child)

        try:
            window.frame.clear_cache()
            walk(window.frame)
        except GLib.Error:  # one went while it was looked at
            pass
        return len(found)

    def said(what, part):
        wait_for(f"{what}: “{part}”", lambda: window.find(part, lambda node: part in (node.get_name() or "")))

    compare_two_runs(window)
    said("whether they can be compared", "Same data and same seed")
    runs = os.listdir(os.path.join(window.folder, "eidoscope", "runs"))
    window.press("Attention")
    titles = [wait_for(f"the title of run {letter}", lambda: window.find(f"title {letter}", lambda node: (
        node.get_name() or "") in [f"{letter}: {run}" for run in runs])).get_name() for letter in "AB"]
    if sorted(title[3:] for title in titles) != sorted(runs):
        raise Failure(f"the titles {titles} do not name both of {runs}")
    wait_for("the second run's step", lambda: re.match(
        r"step \S+ · paused", (panel(window, "Attention: B ") or window.frame).get_description() or ""))

    wait_for("attention of both", lambda: count("image", "Attention") == 2)
    window.press("Show patch colours")
    wait_for("the colours of both", lambda: count("image", "Patch colours") == 2)
    window.press("Embedding")
    window.press("Spectrum")
    wait_for("the spectrum of both", lambda: count("label", "α-ReQ") == 2)
    wait_for("both curves' letters", lambda: window.find("legend", lambda node: node.get_name() == "B"))
    window.press("Progress")
    wait_for("both curves", lambda: window.find("chart", lambda node: node.get_name() == "Loss"
                                                and re.search(r"A .* at step .* B .* at step", node.get_description() or "")))
    window.press("Continue Run B")
    wait_for("the second run to go on", lambda: window.control("Pause Run B"))
    if len(children_of(window.process.pid)) != 2:
        raise Failure(f"two runs have engines {children_of(window.process.pid)}")
    window.press("End Comparison")
    wait_for("one run again", lambda: count("push button", "End Comparison") == 0)
    window.press("Attention")
    wait_for("its attention alone", lambda: count("image", "Patch colours") == 1)
    wait_for("one engine again", lambda: len(children_of(window.process.pid)) == 1)
    window.close()


def closing_ends_both_engines(window):
    """A window that shows two runs leaves no process behind."""
    compare_two_runs(window)
    window.press("Continue Run B")
    wait_for("the second run to go on", lambda: window.control("Pause Run B"))
    window.close()


def pictures_lead_to_a_run(window):
    """Pictures brought: what they are, recipes with their times, one press that starts; then a recent run."""
    def says(part):
        return window.find(part, lambda node: part in (node.get_name() or "")
                           and node.get_state_set().contains(Atspi.StateType.VISIBLE))

    wait_for("what the pictures are", lambda: says("100 colour pictures"))
    wait_for("the time of a proposal", lambda: says("First picture in"))
    window.press("Start Masked autoencoder · Vision transformer")
    window.wait_for_step_after(0)
    window.press("Stop")
    wait_for("the run to end", lambda: window.control("Start"))
    window.press("Recipe")
    window.press("Other Data or Example")
    wait_for("the run among the recent ones", lambda: says("Recent runs") and says("Pictures"))
    window.close()


def the_embedding_is_explored(window):
    """One view after the other of the space of features, each with its numbers; the map from the keyboard."""
    def said(what, part):
        return wait_for(f"{what}: “{part}”", lambda: window.find(
            part, lambda node: part in (node.get_name() or "") + " " + (node.get_description() or "")))

    recipes = wait_for("the list of recipes", lambda: window.find(
        "recipes", lambda node: role_of(node) in ("list", "list box") and node.get_name() == "Recipes"))
    names = [recipes.get_child_at_index(i).get_name() for i in range(recipes.get_child_count())]
    recipes.select_child(names.index("Fashion MAE"))
    wait_for("the recipe to be taken", lambda: "MAE" in window.frame.get_name())
    window.start()
    window.press("Embedding")
    window.wait_for_step_after(0, "Embedding")
    said("the map", "600 points of 5 classes")
    window.press("Similarity")
    said("the matrix", "mean 0.750 within classes, −0.250 between them")
    window.press("Spectrum")
    said("the numbers of the spectrum", "effective rank")
    window.press("Prototypes")
    said("why there are none", "assigns its views to no prototypes")
    window.press("Health")
    said("the cosine's band", "in its band, up to 0.900")
    said("the rank's band", "in its band, from 2")
    window.press("Map")
    window.press("t-SNE")
    window.press("Pause")
    said("t-SNE going on while the run rests", "settled after 400 iterations")
    window.close()


def prototypes_are_counted(window):
    """Where views are assigned to prototypes, how many are used and by how much."""
    window.start()
    window.press("Embedding")
    window.wait_for_step_after(0, "Embedding")
    window.press("Prototypes")
    wait_for("the sentence", lambda: window.find(
        "sentence", lambda node: "24 of 32 prototypes" in (node.get_name() or "")))
    bars = wait_for("the bars", lambda: window.find(
        "bars", lambda node: (node.get_name() or "").startswith("share of the views")))
    bars.clear_cache()
    if "32 bars, the largest 4.17" not in bars.get_description():
        raise Failure(f"the bars say “{bars.get_description()}”")
    window.close()


def an_edit_is_undone(window):
    """A live edit is told with a way back; undone, the run is behind it again with the old value."""
    window.start()
    window.wait_for_step_after(5)
    rate = wait_for("the learning rate", lambda: spin_button(window, "Learning rate"))
    before = rate.get_current_value()
    rate.set_current_value(before * 3)
    wait_for("a way back from the edit", lambda: window.control("Undo"))
    window.wait_for_step_after(window.step() + 20)
    made_at = window.step()
    window.press("Undo")
    # To the very step of the edit, at which a checkpoint was made: it soon passes where it was, without it.
    wait_for("the old value", lambda: (rate := spin_button(window, "Learning rate"))
             and abs(rate.get_current_value() - before) < 1e-9)
    window.wait_for_step_after(made_at)
    wait_for("nothing to be left to undo", lambda: not window.control("Undo"))
    window.close()


def a_failure_after_an_edit_offers_to_undo_it(window):
    """A run that an edit has broken goes on without it, not into the same failure."""
    window.start()
    window.wait_for_step_after(5)
    rate = wait_for("the learning rate", lambda: spin_button(window, "Learning rate"))
    rate.set_current_value(rate.get_current_value() * 3)
    window.wait_for_health("lower Optimizer.lr")
    window.press("Undo the Last Edit")
    wait_for("the run to go on", lambda: "not finite" not in window.health() and window.control("Pause"))
    window.close()


def the_past_is_shown_as_it_was(window):
    """Along the timeline every page shows an earlier step, the same one that the timeline names,
    while the run stands and when it is finished; Escape leads back."""
    if not shutil.which("xdotool"):
        print("# passed over: needs xdotool")
        return
    window.start()
    window.wait_for_step_after(70)
    now = pause(window)
    first = then = None
    for page in ("Augmentations", "Embedding"):
        # To an early moment, and from there to the next.
        go_back_to(window, START, lambda: past_step(now_and_then(window)) == first)
        first = then = past_step(now_and_then(window))
        window.press(page)
        wait_for(f"{page} to be at step {then}", lambda: past_step(window.says(page)) == then)
    if not then < now:
        raise Failure(f"step {then} is not before {now}")
    window.press("Progress")
    wait_for("Progress to agree", lambda: past_step(window.says("Progress")) == then)
    window.press("Keep")
    subprocess.run(["xdotool", "key", "Escape"], check=True)
    wait_for("the timeline to be back", lambda: "as it was" not in now_and_then(window) and now_and_then(window))
    window.press("Augmentations")
    try:
        wait_for("", lambda: window.step() == now and "paused" in window.says("Augmentations"))
    except Failure:
        raise Failure(f"the page is not back at step {now}, but says “{window.says('Augmentations')}”")
    window.close()


def a_branch_begins_at_a_checkpoint(window):
    """From the past a new run begins at the checkpoint before it."""
    if not shutil.which("xdotool"):
        print("# passed over: needs xdotool")
        return
    runs = os.path.join(window.folder, "eidoscope", "runs")
    window.start()
    window.wait_for_step_after(110)
    pause(window)
    go_back_to(window, START, lambda: 0 if window.control("Branch from 100")
               else 100 - past_step(now_and_then(window)))
    window.press("Branch from 100")
    # Before, the run stands, and is in the past.
    wait_for("the new run to go on", lambda: past_step(now_and_then(window)) is None and window.control("Pause"))
    branches = [run for run in os.listdir(runs) if run.startswith("branch-")]
    if len(branches) != 1 or len(os.listdir(runs)) != 2:
        raise Failure(f"there are not two runs: {os.listdir(runs)}")
    if not os.path.exists(os.path.join(runs, branches[0], "checkpoints", "100.safetensors")):
        raise Failure("the branch does not begin at step 100")
    window.wait_for_step_after(100)
    window.close()


def a_run_without_a_picture_says_that_it_is_stopped(window):
    """Stopped before its first step, it is not shown as no run at all: each page says so, and what it cannot show."""
    choose_recipe(window, "Fashion SimCLR", "SimCLR")
    window.start()
    window.press("Stop")
    window.wait_for_health("Stopped at 0 of ")
    for page in ("Augmentations", "Embedding"):
        window.press(page)
        wait_for(f"{page} to say that it is stopped", lambda: re.fullmatch(
            r"The Run Is Stopped: Stopped at 0 of [^ ]+\. There is no picture of it yet: Resume goes on\.",
            window.says(page)))
    window.press("Reconstruction")
    wait_for("why there is none", lambda: REFUSED in window.says("Reconstruction"))
    window.close()


def an_evaluation_is_skipped(window):
    """One that keeps the run from its steps says what it does and how far it is; Skip ends it."""
    window.start()
    said = window.wait_for_health("Evaluating: Linear probe, 3 of 10…")
    if not said.startswith("Notice"):
        raise Failure(f"that is no fault: {said}")
    window.press("Skip")
    window.wait_for_step_after(30)
    wait_for("Skip to go", lambda: not window.control("Skip"))
    window.close()


def saving_now_is_told(window):
    """Save Now makes a checkpoint at once and says at which step."""
    window.start()
    window.wait_for_step_after(5)
    pause(window)
    save_now(window, "Saved at " + window.says("Augmentations").split(" · ")[0])
    window.close()


def a_run_from_the_disk_is_judged_by_its_history(window):
    """A finished run that had collapsed is not shown as sound when it is opened."""
    window.start()
    window.wait_for_step_after(5)
    window.press("Stop")
    wait_for("the page to say that it is stopped", lambda: "stopped" in window.says("Augmentations"))
    runs = os.path.join(window.folder, "eidoscope", "runs")
    run = os.path.join(runs, os.listdir(runs)[0])
    window.close()
    later = Workbench(window.program, window.fake, run, FAKE_ENGINE_COLLAPSED="1")
    try:
        later.wait_for_health("Warning")
        wait_for("the banner", lambda: later.find(
            "alarm", lambda node: role_of(node) != "label"
            and (node.get_name() or "").startswith("Complete collapse: ")))
        later.close()
    finally:
        later.end()


def a_plugin_is_built_and_swapped_in(window):
    """A source that is saved is built and swapped in; what is wrong with it is told, and the run goes on."""
    source = os.path.join(window.folder, "simclr.c")

    def write(text):
        # As editors do: a new file takes the place of the old one.
        with open(source + "~", "w") as file:
            file.write(text)
        os.rename(source + "~", source)

    def says(part):
        return window.find(part, lambda node: part in (node.get_name() or "")
                           and node.get_state_set().contains(Atspi.StateType.VISIBLE))

    write("EID_OBJECTIVE (simclr, .title = 1)\n")
    window.close()
    window = Workbench(window.program, window.fake, source, **ENDLESS)
    try:
        wait_for("the source to be watched", lambda: says("simclr.c is watched"))
        window.press("Build")
        wait_for("it to be among the choices", lambda: says("No run is training: “simclr” is among the objectives"))
        choose_recipe(window, "Fashion SimCLR", "SimCLR")
        window.start()
        window.wait_for_step_after(5)
        write("EID_OBJECTIVE (simclr, .title = 2)\n")
        wait_for("it to be swapped in", lambda: says("swapped in at step") and says("12 tensors kept, 1 new"))
        write("EID_OBJECTIVE (simclr,\nmistake)\n")
        wait_for("how many errors", lambda: says("simclr.c does not compile: 1 error. The code of before goes on."))
        wait_for("where", lambda: says("Error simclr.c:2: 'mistake' undeclared"))
        write("EID_OBJECTIVE (simclr, .title = infinite)\n")
        wait_for("why it is not taken",
                 lambda: says("not swapped in; the code of before goes on. The loss of its first step is not finite"))
        write("EID_OBJECTIVE (another, .title = 3)\n")
        wait_for("that it is not in use", lambda: says("This run trains another objective; “another” is among"))
        window.wait_for_step_after(window.step())
        # What is built while there is no engine is what the run goes on with.
        os.kill(window.engine, signal.SIGKILL)
        wait_for("a way to go on", lambda: window.control("Resume from Checkpoint"))
        write("EID_OBJECTIVE (simclr, .title = 4)\n")
        wait_for("it to be among the choices", lambda: says("No run is training: “simclr” is among the objectives"))
        window.resume()
        wait_for("it to be swapped in", lambda: says("swapped in at step"))
        window.press("Close the plugin's source")
        wait_for("the pane to go", lambda: not says("swapped in at step"))
        window.close()
    finally:
        window.end()


def a_plugin_shows_views_of_its_own(window):
    """A page is offered for them, on which each is drawn under its name and told."""
    def says(name, part):
        node = window.find(f"own {name}", lambda node: role_of(node) == "image" and node.get_name() == name)
        return node and part in (node.get_description() or "")

    def text(part):
        return window.find(f"text {part}", lambda node: role_of(node) == "label" and part in (node.get_name() or ""))

    if window.control("Plugin Views"):
        raise Failure("the page is offered before there is a run")
    window.start()
    window.press("Plugin Views")
    window.wait_for_step_after(window.wait_for_step_after(0, "Plugin Views"), "Plugin Views")
    wait_for("the tokens", lambda: says("Predictions", "11 tokens, mean 0.495"))
    wait_for("the matrix", lambda: says("Table", "2 rows, 3 columns, colours from"))
    for part in ("Error", "Cloud", "Decay", "Singular values", "Answer", "All is well.", "[R, C] was expected"):
        wait_for(f"“{part}”", lambda: text(part))
    window.close()


def a_run_without_own_views_offers_none(window):
    """No page is offered where plugins publish nothing."""
    window.start()
    window.wait_for_step_after(20)
    if window.control("Plugin Views"):
        raise Failure("a page of nothing is offered")
    window.close()


# What is done in a run is done long before its end, also where many processes share a core.
ENDLESS = {"FAKE_ENGINE_STEP_MS": "40", "FAKE_ENGINE_STEPS": "100000"}
# Where places on the timeline are meant: of these, the first hundred are soon made, and the rest take a minute.
SHORT = {"FAKE_ENGINE_STEP_MS": "120", "FAKE_ENGINE_STEPS": "600"}

# Story, its environment, whether it needs the misbehaviour of fake-engine.
STORIES = [
    (every_page_moves, {}, False),
    (unseen_pages_rest, {"FAKE_ENGINE_LOOKS": "1"}, True),
    (pause_step_continue_stop, {}, False),
    (closing_saves_and_leaves_nothing, {}, False),
    (clicks_are_answered, {}, False),
    (attention_has_its_modes, {}, True),
    (killed_engine_is_resumed, {}, False),
    (crash_is_told_with_its_last_words, {"FAKE_ENGINE_CRASH": "30"}, True),
    (alarm_leads_to_its_cure, {"FAKE_ENGINE_ALARM": "20"}, True),
    (hang_is_noticed_and_ended, {"FAKE_ENGINE_HANG": "30"}, True),
    (standing_plugin_is_named_and_ended, {"FAKE_ENGINE_STANDSTILL": "30"}, True),
    (hang_does_not_hold_the_window, {"FAKE_ENGINE_HANG": "30"}, True),
    (failure_is_told, {"FAKE_ENGINE_FAIL": "40"}, True),
    (refused_start_is_told, {"FAKE_ENGINE_REFUSE": "Start"}, True),
    (every_control_has_a_name, {}, False),
    (two_runs_stand_side_by_side, {}, True),
    (closing_ends_both_engines, {}, True),
    (pictures_lead_to_a_run, {"OPEN_PICTURES": "1"}, True),
    (a_page_without_a_view_says_where_to_find_one, {}, False),
    (the_embedding_is_explored, {}, True),
    (prototypes_are_counted, {}, True),
    (a_draft_is_seen_before_it_starts, {}, False),
    (a_mask_is_edited_and_undone, {}, False),
    (an_edit_is_undone, {}, True),
    (a_failure_after_an_edit_offers_to_undo_it, {"FAKE_ENGINE_FAIL_EDITED": "20"}, True),
    (the_past_is_shown_as_it_was, SHORT, True),
    (a_branch_begins_at_a_checkpoint, SHORT, True),
    (saving_now_is_told, {}, True),
    (a_run_without_a_picture_says_that_it_is_stopped, {"FAKE_ENGINE_PREPARE_MS": "600000"}, True),
    (an_evaluation_is_skipped, {"FAKE_ENGINE_EVALUATE": "30"}, True),
    (a_run_from_the_disk_is_judged_by_its_history, {}, True),
    (a_plugin_is_built_and_swapped_in, {}, True),
    (a_plugin_shows_views_of_its_own, {"FAKE_ENGINE_OWN": "1"}, True),
    (a_run_without_own_views_offers_none, {}, True),
]


def run_stories(program, engine, wanted):
    fake = os.path.basename(engine) == "fake-engine"
    half = slice(0, None)
    if wanted[:1] == ["--half"]:
        half, wanted = slice(int(wanted[1]), None, 2), wanted[2:]
    chosen = [s for s in STORIES[half] if (not wanted or s[0].__name__ in wanted) and (fake or not s[2])]
    failures = 0
    print(f"1..{len(chosen)}")
    for number, (story, environment, _) in enumerate(chosen, 1):
        window = None
        begun = time.monotonic()
        try:
            window = Workbench(program, engine, **{**ENDLESS, **environment})
            story(window)
            print(f"ok {number} {story.__name__} # {time.monotonic() - begun:.1f} s", flush=True)
        except Failure as failure:
            failures += 1
            print(f"not ok {number} {story.__name__}", flush=True)
            print(f"{story.__name__}: {failure}", file=sys.stderr, flush=True)
            if window:
                window.complain()
        finally:
            if window:
                window.end()
    return 1 if failures else 0


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    return on_own_display(lambda: run_stories(sys.argv[1], sys.argv[2], sys.argv[3:]))


if __name__ == "__main__":
    sys.exit(main())
