"""plugins/README.md, replayed as it stands: its commands run and its files are written, in order.

A fenced block of `sh` is run; a fenced block whose first line names a file ("```c dcl.c") is that
file, in the folder the commands have come to. They meet an installation alone (stage.py), in an
empty home. What the commands leave behind is then looked at.
"""
import contextlib
import glob
import json
import math
import os
import re
import sqlite3
import unittest

from stage import Stage

ROOT = os.environ['SOURCE_ROOT']


def blocks():
    """Of the guide: (language, name or None, text)."""
    with open(os.path.join(ROOT, 'plugins', 'README.md'), encoding='utf-8') as file:
        found = re.findall(r'^```(\w+)(?: +(\S+))?\n(.*?)^```$', file.read(), re.MULTILINE | re.DOTALL)
    return [(language, name or None, text) for language, name, text in found]


class Guide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage()
        cls.said = {}  # by command: what it printed
        cls.failed = None
        folder = cls.stage.home
        for language, name, text in blocks():
            if name:
                with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
                    file.write(text)
            elif language == 'sh':
                script = f'set -e\n{text}\npwd >"$HOME/.folder"\n'
                done = cls.stage.run('sh', '-c', script, cwd=folder)
                cls.said[text] = done.stdout + done.stderr
                if done.returncode != 0:
                    cls.failed = f'{text}ended with {done.returncode}:\n{done.stdout}{done.stderr}'
                    break
                with open(os.path.join(cls.stage.home, '.folder'), encoding='utf-8') as file:
                    folder = file.read().rstrip('\n')

    @classmethod
    def tearDownClass(cls):
        cls.stage.close()

    def path(self, *parts):
        return os.path.join(self.stage.home, *parts)

    def spoken(self, command):
        """What was printed by the first block that has @command."""
        return next(said for text, said in self.said.items() if command in text)

    def metrics(self, run):
        """Of a run: name to values, in the order of steps."""
        values = {}
        with contextlib.closing(sqlite3.connect(os.path.join(run, 'run.db'))) as database:
            for name, value in database.execute('SELECT name, value FROM metric ORDER BY step'):
                values.setdefault(name, []).append(value)
        return values

    def test_every_command_does_as_it_says(self):
        self.assertIsNone(self.failed, self.failed)
        self.assertGreater(len(self.said), 6, 'the guide has lost its commands')

    def test_what_is_built_compiles_without_a_warning(self):
        self.assertIsNone(self.failed, self.failed)
        for text, said in self.said.items():
            if text.startswith('eidoscope build') or 'cc ' in text:
                self.assertNotIn('warning:', said, text)

    def test_plugins_are_found(self):
        self.assertIsNone(self.failed, self.failed)
        lines = self.stage.run('eidoscope', 'plugins', '--json').stdout.splitlines()
        plugins = {plugin.get('id'): plugin for plugin in map(json.loads, lines)}
        self.assertEqual([param['key'] for param in plugins['dcl']['params']], ['temperature', 'hidden', 'output'])
        self.assertEqual(plugins['dcl']['file'], self.path('.local', 'share', 'eidoscope', 'plugins', 'dcl.so'))
        self.assertEqual(plugins['qk-norm']['kind'], 'encoder')

    def test_the_objective_trains(self):
        self.assertIsNone(self.failed, self.failed)
        runs = glob.glob(self.path('.local', 'share', 'eidoscope', 'runs', '*'))
        self.assertEqual(len(runs), 1)
        losses = self.metrics(runs[0])['loss']
        chance, temperature = math.log(2 * 64 - 2), 0.2  # similarities are between -1 and 1
        self.assertEqual(len(losses), 60)
        self.assertTrue(all(abs(loss - chance) <= 2 / temperature for loss in losses), losses)
        self.assertLess(losses[-1], losses[0] - 0.2, 'views of one picture have not come nearer')

    def test_the_encoder_trains_and_shows_its_attention(self):
        self.assertIsNone(self.failed, self.failed)
        losses = self.metrics(self.path('qk-norm', 'run'))['loss']
        self.assertLess(losses[-1], losses[0] - 0.2, 'views of one picture have not come nearer')
        self.assertIn('attention', self.spoken('ls run/pictures'))

    def test_the_picture_of_its_own_is_left(self):
        """denoise.c: it learns, its pictures are written, its number is kept, its noise is live."""
        self.assertIsNone(self.failed, self.failed)
        metrics = self.metrics(self.path('denoise', 'run'))
        self.assertLess(metrics['loss'][-1], metrics['loss'][0] - 0.1, 'it has not learned to paint')
        self.assertTrue(any('noise-left' in name for name in metrics), sorted(metrics))
        for file in ('plugin-covered.png', 'plugin-painted.png', 'plugin-error.png', 'plugin-error.npy'):
            self.assertTrue(os.path.exists(self.path('denoise', 'run', 'pictures', file)), file)
        lines = self.stage.run('eidoscope', 'plugins', '--json').stdout.splitlines()
        params = next(plugin['params'] for plugin in map(json.loads, lines) if plugin.get('id') == 'denoise')
        self.assertEqual([param['key'] for param in params if param['live']], ['noise'])

    def test_other_examples_are_of_this_header(self):
        """Every C block without a name compiles where it belongs: in a file, or in a function."""
        for language, name, text in blocks():
            if language != 'c' or name:
                continue
            said = []
            for source in (text, 'gboolean build (EidPlugin *self, EidStep *step, GError **error);\n'
                           'gboolean build (EidPlugin *self, EidStep *step, GError **error)\n'
                           '{\n  guint hidden = eid_param_int (self, "hidden");\n' + text + '  (void) hidden;\n}\n'):
                done = self.stage.run('sh', '-c', 'cc -Wall -Wno-unused -Werror -fsyntax-only -x c - '
                                      '$(pkg-config --cflags eidoscope) <<"EOF"\n#include <eidoscope.h>\n'
                                      + source + '\nEOF\n')
                said.append(done.stderr)
                if done.returncode == 0:
                    break
            else:
                self.fail(text + ''.join(said))


if __name__ == '__main__':
    unittest.main(verbosity=2)
