"""The whole story of the workbench with pointer and pixels: real pictures, the real engine.

    whole-story.py WORKBENCH ENGINE DRAG_SOURCE STUMBLE [FOLDER]

A folder of pictures of clothes is dragged onto the window and learnt from; every page is
visited, every kind of look is used, the run is steered, an edit is undone, the run is stopped and
opened again, gone back along and branched, and in the end an objective that crashes is chosen on
purpose. What is asserted is what a person sees:
pixels of the display, or words that a screen reader would read. With FOLDER each chapter
leaves a picture of the display there.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import clothes
from accessible import (Failure, Workbench, go_back_to, now_and_then, past_step, patience, pause, present_step,
                        role_of, save_now, spin_button, wait_for)
from screen import Picture, click, drag, key, middle, move, on_own_display, xdotool

DISPLAY = "1440x800"  # the window, and beside it the place from which is dragged
STEPS = 1000          # more than the story takes: it ends the runs itself
EARLY = 45            # a step with several moments before it
MORE = 10             # steps that would be lost, or made in secret
PAGES = ["Augmentations", "Reconstruction", "Attention", "Embedding", "Progress"]


def expect(truth, sentence):
    if not truth:
        raise Failure(sentence)


class Story:
    def __init__(self, program, engine, source, stumble):
        self.source = source
        self.pictures = tempfile.mkdtemp(prefix="clothes-")
        self.saved = None  # the step at which the run was saved by hand
        self.window = Workbench(program, engine, EIDOSCOPE_PLUGIN_PATH=os.path.dirname(stumble))

    def end(self):
        self.window.end()
        shutil.rmtree(self.pictures, ignore_errors=True)

    # --- What there is to see ---------------------------------------------------

    def sees(self, what, role, part):
        """The node of that role that takes room on the display and has @part in its name, or None."""
        return self.window.find((what, part), lambda node: role_of(node) == role and part in (node.get_name() or "")
                                and self.window.place(node)[2] > 0)

    def shown(self, what, role, part):
        """Waits for what sees() finds."""
        return wait_for(what, lambda: self.sees(what, role, part))

    def reads(self, part):
        """Waits for a visible label with those words."""
        return self.shown(f"“{part}” on the display", "label", part)

    def drags(self, what, points, probe):
        """Drags through the points and waits for what comes of it. Where a loaded machine answers too late
        between two of them, it is done once more, and slower."""
        for pause in (0.1, 0.5):
            drag(points, pause, hold=3 * pause)
            try:
                return wait_for(what, probe, patience() / 4)
            except Failure:
                pass
        drag(points, 2, hold=6)
        return wait_for(what, probe)

    def picture_of(self, node):
        return Picture(self.window.place(node))

    def changes(self, what, node, before, least=0.01):
        """Waits until at least that share of the node's pixels is not as in @before."""
        wait_for(what, lambda: self.picture_of(node).differs(before) >= least)

    def runs(self):
        """The folders of all runs, the newest last."""
        place = os.path.join(self.window.folder, "eidoscope", "runs")
        return sorted((os.path.join(place, name) for name in os.listdir(place)), key=os.path.getctime)

    def has_checkpoint(self, run, step):
        return os.path.exists(os.path.join(run, "checkpoints", f"{step}.safetensors"))

    def go_to(self, page):
        self.window.press(page)
        self.window.wait_for_step_after(0, page)

    # --- Chapters ---------------------------------------------------------------

    def a_folder_is_dropped(self):
        """A folder dragged in with the pointer: what the pictures are, and what could be made of them."""
        clothes.write_folder(self.pictures)
        wait_for("the welcome page", lambda: self.window.control("Start Training"))
        source = subprocess.Popen([self.source, self.pictures], stderr=subprocess.DEVNULL)
        try:
            found = wait_for("the drag's source", lambda: subprocess.run(
                ["xdotool", "search", "--name", "^Drag source$"], capture_output=True, text=True).stdout.split())
            xdotool("windowmove", "--sync", found[-1], 1300, 100)
            time.sleep(0.5)
            self.drags("what the pictures are", [(1360, 160), (1350, 170), (1320, 190), (1200, 220), (900, 300),
                                                 (700, 400), (690, 410)],
                       lambda: self.sees("what the pictures are", "label", "300 grey pictures"))
        finally:
            source.kill()
            source.wait()

    def the_proposal_is_taken(self):
        """The masked autoencoder is chosen, given more steps, looked at before it starts, and started."""
        row = self.shown("the proposal", "label", "Masked autoencoder · Vision transformer")
        click(*middle(self.window.place(row)))
        wait_for("the proposal to be taken", lambda: "Masked autoencoder" in self.window.frame.get_name())
        self.window.press("Run")
        steps = wait_for("the number of steps", lambda: spin_button(self.window, "Steps"))
        steps.set_current_value(STEPS)
        self.window.press("Augmentations")
        wait_for("the draft's views", lambda: "before training" in self.window.says("Augmentations"))
        view = self.shown("a view", "image", "View 1: crop")
        before, words = self.picture_of(view), view.get_name()
        self.window.press("Draw Anew")
        wait_for("another draw", lambda: self.shown("a view", "image", "View 1: crop").get_name() != words)
        self.changes("the view to be another", self.shown("a view", "image", "View 1: crop"), before)
        self.window.press("Start")
        self.window.wait_for_step_after(0)

    def every_page_is_visited(self):
        """Each page shows a picture of a step of its own."""
        former = None
        for page in PAGES:
            self.go_to(page)
            time.sleep(0.3)  # pictures fade in
            panel = self.shown(page, "panel", page)
            picture = self.picture_of(panel)
            expect(picture.colours() > 30, f"{page} is blank: {picture.colours()} colours")
            expect(former is None or picture.differs(former) > 0.02, f"{page} looks as the page before it")
            former = picture

    def attention_follows_pointer_and_slider(self):
        """In a paused run, which is saved there, attention follows the pointer, and the slider keeps less of it."""
        self.go_to("Attention")
        self.saved = pause(self.window, "Attention")
        self.window.press("Save Now")
        wait_for("it to be saved", lambda: self.has_checkpoint(self.runs()[-1], self.saved))
        view = self.shown("attention", "image", "Attention")
        x, y, width, height = self.window.place(view)
        before = self.picture_of(view)
        move(x + width * 0.17, y + height * 0.15)
        self.changes("attention to follow the pointer", view, before)
        wait_for("the patch to be named", lambda: "row" in self.described(view))
        before, words = self.picture_of(view), self.described(view)
        move(x + width * 0.17, y + height * 0.33)
        self.changes("attention to follow the pointer on", view, before)
        expect(self.described(view) != words, f"the words stay “{words}”")
        move(x + width / 2, y + height - 2)
        slider = self.shown("the slider", "slider", "Keep")
        left, top, wide, high = self.window.place(slider)
        time.sleep(0.5)
        before = self.picture_of(view)
        drag([(left + wide - 4, top + high / 2), (left + wide * 0.8, top + high / 2),
              (left + wide * 0.6, top + high / 2), (left + wide * 0.5, top + high / 2)], pause=0.1)
        self.changes("less attention to be kept", view, before)

    def described(self, node):
        node.clear_cache()
        return node.get_description() or ""

    def a_mask_is_painted(self):
        """A stroke with the pointer hides patches, and what the model paints there follows."""
        def hidden():
            found = re.search(r"(\d+) of \d+ patches hidden", self.described(seen))
            return int(found[1]) if found else None

        self.go_to("Reconstruction")
        self.window.press("Clear Mask")
        seen = self.shown("the picture as the model saw it", "image", "As the model saw it")
        wait_for("nothing to be hidden", lambda: hidden() == 0)
        painted = self.shown("the reconstruction", "image", "Honest")
        time.sleep(0.5)
        before, mask = self.picture_of(painted), self.picture_of(seen)
        x, y, width, height = self.window.place(seen)
        drag([(x + width * part, y + height * 0.5) for part in (0.1, 0.3, 0.5, 0.7, 0.9)], pause=0.1)
        wait_for("patches to be hidden", lambda: (hidden() or 0) >= 5)
        self.changes("the stroke to be seen", seen, mask, 0.05)
        self.changes("the reconstruction to follow", painted, before)

    def a_lasso_selects(self):
        """What a loop of the pointer encloses on the map is counted."""
        def selected():
            label = self.sees("the selection", "label", "selected")
            found = label and re.match(r"\d+", label.get_name())
            return int(found[0]) if found else 0

        self.go_to("Embedding")
        self.window.press("Lasso")
        plot = self.shown("the map", "image", "Embedding")
        x, y, width, height = self.window.place(plot)
        time.sleep(0.5)
        before = self.picture_of(plot)
        left, right, top, bottom = x + width * 0.05, x + width * 0.85, y + height * 0.05, y + height * 0.9
        self.drags("what the lasso went around to be selected",
                   [(left, top), (right, top), (right, bottom), (left, bottom), (left, top + 5)],
                   lambda: selected() > 10)
        self.changes("the selection to be seen", plot, before)
        self.window.press("Lasso")

    def rate(self):
        return wait_for("the learning rate", lambda: spin_button(self.window, "Learning rate"))

    def a_setting_changes_and_is_undone(self):
        """A live setting: the run is saved first, so that undone the edit costs no step made before it."""
        self.go_to("Augmentations")
        self.window.press("Continue")
        self.window.wait_for_step_after(max(self.saved + MORE, EARLY))
        edited = pause(self.window)
        before = self.rate().get_current_value()
        self.rate().set_current_value(before * 2)
        wait_for("a way back from the edit", lambda: self.window.control("Undo"))
        expect(self.has_checkpoint(self.runs()[-1], edited), f"nothing was saved at step {edited}, before the edit")
        self.window.press("Continue")
        self.window.wait_for_step_after(edited + MORE)
        pause(self.window)
        self.window.press("Undo")
        wait_for(f"the run to stand at step {edited} again", lambda: self.window.says("Augmentations")
                 == f"step {edited} · paused" and present_step(self.window) == edited)
        wait_for("the old value", lambda: abs(self.rate().get_current_value() - before) < 1e-9)

    def it_is_stopped_and_opened_again(self):
        """Opened by another window the run stands where it was stopped, and trains when asked to."""
        self.window.press("Stop")
        self.window.wait_for_health("Stopped at ")
        stopped, run = present_step(self.window), self.runs()[-1]
        expect(self.has_checkpoint(run, stopped), f"the run was stopped at step {stopped} without a checkpoint")
        self.window.reopen(run)
        self.window.wait_for_health(f"Stopped at {stopped} of ")
        self.window.press("Embedding")
        wait_for("what was learnt to be shown", lambda: self.window.says("Embedding") == f"step {stopped} · stopped")
        expect(not self.window.control("Pause"), "the run that was opened goes on")
        newest = max(int(name.split(".")[0]) for name in os.listdir(os.path.join(run, "checkpoints")))
        expect(newest == stopped == present_step(self.window), f"opened at {stopped}, the run is at step {newest}")
        self.window.press("Resume")
        self.window.wait_for_step_after(stopped + MORE, "Embedding")
        self.go_to("Augmentations")

    def the_timeline_is_dragged(self):
        """Along the timeline the page shows what was; Escape leads back to now."""
        now = pause(self.window)
        page = self.shown("the page", "panel", "Augmentations")
        before = self.picture_of(page)
        line = self.shown("the timeline", "image", "Loss over the run")
        x, y, width, height = self.window.place(line)
        drag([(x + width * 0.9, y + height / 2)]
             + [(x + reach, y + height / 2) for reach in (600, 300, 150, 80, 50, 45)], pause=0.2)
        then = wait_for("the timeline to be in the past", lambda: past_step(now_and_then(self.window)))
        wait_for(f"the page to be at step {then}", lambda: past_step(self.window.says("Augmentations")) == past_step(
            now_and_then(self.window)))
        self.changes("the page to be another", page, before, 0.02)
        expect(then < now, f"step {then} is not before {now}")
        key("Escape")
        wait_for("the page to be back", lambda: self.window.step() == now)

    def a_branch_begins(self):
        """The step in view is where a new run begins, which the dialog says before."""
        former = self.runs()
        x, y, _, height = self.window.place(self.shown("the timeline", "image", "Loss over the run"))
        go_back_to(self.window, (x + 45, y + height / 2), lambda: self.saved - past_step(now_and_then(self.window)))
        wait_for("the timeline to offer it", lambda: self.window.control(f"Branch from {self.saved}"))
        self.shown("a setting of a new run", "push button", "New run").do_action(0)
        wait_for("the dialog to name the step in view", lambda: self.window.find("where it begins", lambda node: (
            role_of(node) == "label" and f"A branch goes on from step {self.saved}." in (node.get_name() or ""))))
        # A dialog's button is called “_Branch Branch”: what is written there, and how it is read.
        wait_for("the dialog's button", lambda: self.window.find("to branch", lambda node: (
            role_of(node) == "push button" and (node.get_name() or "").endswith("Branch")))).do_action(0)
        branch = wait_for("another run", lambda: [run for run in self.runs() if run not in former])[0]
        # Before, the run stands, and is in the past.
        wait_for("the branch to go on", lambda: past_step(now_and_then(self.window)) is None
                 and self.window.control("Pause"))
        expect(self.has_checkpoint(branch, self.saved), f"the branch does not begin at step {self.saved}")
        self.window.wait_for_step_after(self.saved)
        self.window.press("Stop")
        wait_for("the branch to stop", lambda: "stopped" in self.window.says("Augmentations"))

    def two_runs_stand_side_by_side(self):
        """The branch and the run it came from, each with its pictures; then one again."""
        key("F10")
        self.shown("the menu's entries", "menu item", "")
        # “Compare With the Run It Came _From”, by its mnemonic: in GTK 4.18 the entries of a menu have no names.
        key("f")
        self.reads("Same data")
        for page in ("Embedding", "Attention"):
            self.window.press(page)
            second = self.shown(f"{page} of the second run", "panel", f"{page}: B ")
            wait_for(f"{page} of the second run to be drawn", lambda: "step" in self.described(second)
                     and self.picture_of(second).colours() > 100)
        self.window.press("End Comparison")
        wait_for("one run again", lambda: not self.window.find(None, lambda node: (
            role_of(node) == "label" and "Same data" in (node.get_name() or ""))))
        self.go_to("Augmentations")

    def choose(self, combo, wanted):
        """The entry @wanted of a drop-down: opened by the pointer, chosen by keys."""
        click(*middle(self.window.place(combo)))
        time.sleep(0.5)
        names = wait_for("the drop-down's entries", lambda: self.entries(combo))
        expect(wanted in names, f"the drop-down has no “{wanted}”: {names}")
        key("Home")
        for _ in range(names.index(wanted)):
            key("Down")
        key("Return")

    def entries(self, combo):
        """The words of each entry of an open drop-down."""
        def below(node, role):
            found = []
            for i in range(node.get_child_count()):
                child = node.get_child_at_index(i)
                if child:
                    found += [child] if role_of(child) == role else below(child, role)
            return found

        combo.clear_cache()
        return [label.get_name() for item in below(combo, "list item") for label in below(item, "label")[:1]]

    def a_plugin_crashes(self):
        """An objective that does what it may not: the window says which, and at which step."""
        self.window.press("Encoder")  # folded away, so that what comes below it is on the display
        time.sleep(0.5)
        objective = wait_for("the objectives", lambda: self.window.find("objectives", lambda node: (
            role_of(node) == "combo box" and (node.get_description() or "").startswith("What the features"))))
        self.choose(objective, "Stumble")
        wait_for("the objective to be taken", lambda: "Stumble" in self.window.frame.get_name())
        self.window.press("Start")
        self.window.wait_for_step_after(3)
        save_now(self.window, "Saved at step")
        wait_for("its setting", lambda: spin_button(self.window, "Tread")).set_current_value(1)
        said = self.window.wait_for_health("crash")
        expect("tumble" in said and "step" in said, f"neither plugin nor step are named: {said}")
        line = self.window.find("health", lambda node: (node.get_name() or "").startswith("Error"))
        expect(self.picture_of(line).colours() > 10, "the health line is blank")

    def it_is_resumed(self):
        """The window offers to go on without what made it crash, and the run passes that step."""
        crashed_at = max(int(step) for step in re.findall(r"at step (\d+)", self.window.health()))
        self.window.press("Undo the Last Edit")
        wait_for("the run to go on", lambda: self.window.control("Pause"))
        wait_for("its plugin to be named", lambda: "Stumble" in self.window.frame.get_name())
        wait_for("its setting to be back", lambda: (tread := spin_button(self.window, "Tread"))
                 and tread.get_current_value() == 0)
        self.window.wait_for_step_after(crashed_at)

    def the_window_closes(self):
        """Closing ends everything."""
        self.window.close()


CHAPTERS = [
    Story.a_folder_is_dropped,
    Story.the_proposal_is_taken,
    Story.every_page_is_visited,
    Story.attention_follows_pointer_and_slider,
    Story.a_mask_is_painted,
    Story.a_lasso_selects,
    Story.a_setting_changes_and_is_undone,
    Story.it_is_stopped_and_opened_again,
    Story.the_timeline_is_dragged,
    Story.a_branch_begins,
    Story.two_runs_stand_side_by_side,
    Story.a_plugin_crashes,
    Story.it_is_resumed,
    Story.the_window_closes,
]


def tell(program, engine, source, stumble, folder=None):
    """Each chapter begins where the one before ended; after a failure there is nothing to go on from."""
    print(f"1..{len(CHAPTERS)}", flush=True)
    story = Story(program, engine, source, stumble)
    try:
        for number, chapter in enumerate(CHAPTERS, 1):
            begun = time.monotonic()
            try:
                chapter(story)
                print(f"ok {number} {chapter.__name__} # {time.monotonic() - begun:.1f} s", flush=True)
            except Failure as failure:
                print(f"not ok {number} {chapter.__name__}", flush=True)
                print(f"{chapter.__name__}: {failure}", file=sys.stderr, flush=True)
                story.window.complain()
                return 1
            finally:
                if folder:
                    Picture().save(os.path.join(folder, f"{number:02}-{chapter.__name__}.png"))
    finally:
        story.end()
    return 0


def main():
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    if not shutil.which("xdotool") or not clothes.are_here():
        print("1..0 # SKIP needs xdotool and Debian's dataset-fashion-mnist")
        return 0
    return on_own_display(lambda: tell(*sys.argv[1:]), DISPLAY)


if __name__ == "__main__":
    sys.exit(main())
