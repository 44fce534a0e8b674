"""The example of plugins/README.md: compiled as the guide says, and trained.

The guide's own commands are run, against the headers and eidoscope.pc as they
are installed (into a temporary folder), in a home of the test's own.
"""
import json
import math
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = os.environ['SOURCE_ROOT'], os.environ['BUILD_ROOT']
COMMAND = os.path.abspath(sys.argv.pop(1))


def blocks(language):
    with open(os.path.join(ROOT, 'plugins', 'README.md'), encoding='utf-8') as file:
        return re.findall(r'^```' + language + r'\n(.*?)^```$', file.read(), re.MULTILINE | re.DOTALL)


def write_idx(folder, half, count, size=28):
    """Pictures in the format of MNIST: bright squares, in the corner of their class."""
    draw = random.Random(count)
    pixels, labels = bytearray(), bytearray()
    for i in range(count):
        label = i % 4
        x, y = label % 2 * 14 + draw.randrange(6), label // 2 * 14 + draw.randrange(6)
        for row in range(size):
            for column in range(size):
                inside = x <= column < x + 8 and y <= row < y + 8
                pixels.append((200 if inside else 30) + draw.randrange(30))
        labels.append(label)
    with open(os.path.join(folder, half + '-images-idx3-ubyte'), 'wb') as file:
        file.write(struct.pack('>IIII', 0x803, count, size, size) + pixels)
    with open(os.path.join(folder, half + '-labels-idx1-ubyte'), 'wb') as file:
        file.write(struct.pack('>II', 0x801, count) + labels)


class Guide(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.home = cls.temporary.name
        stage = os.path.join(cls.home, 'stage')
        subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir', stage], check=True)
        configuration = next(place for place, _, names in os.walk(stage) if 'eidoscope.pc' in names)
        # What was installed below `stage` is to be found there, the system's libraries where they are.
        with open(os.path.join(configuration, 'eidoscope.pc'), 'r+', encoding='utf-8') as file:
            moved = re.sub('^prefix=', 'prefix=' + stage, file.read(), flags=re.MULTILINE)
            file.seek(0)
            file.write(moved)
        tools = os.path.join(cls.home, 'bin')
        os.mkdir(tools)
        os.symlink(COMMAND, os.path.join(tools, 'eidoscope'))
        cls.environment = dict(
            os.environ, HOME=cls.home, XDG_DATA_HOME=os.path.join(cls.home, '.local', 'share'),
            XDG_CACHE_HOME=os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache')),
            PATH=tools + ':' + os.environ['PATH'], LC_ALL='C.UTF-8',
            PKG_CONFIG_PATH=configuration)
        with open(os.path.join(cls.home, 'dcl.c'), 'w', encoding='utf-8') as file:
            file.write(blocks('c')[0])
        cls.build = subprocess.run(['sh', '-ec', blocks('sh')[0].replace('cc ', 'cc -Wall -Wextra '
                                    '-Wno-unused-parameter -Wno-missing-field-initializers -Werror ', 1)],
                                   cwd=cls.home, env=cls.environment, capture_output=True, text=True, check=False)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def command(self, *arguments):
        done = subprocess.run(['eidoscope', *arguments], cwd=self.home, env=self.environment,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_compiles_without_a_warning(self):
        self.assertEqual((self.build.returncode, self.build.stderr), (0, ''))

    def test_is_found(self):
        plugins = {plugin.get('id'): plugin for plugin in self.command('plugins', '--json')}
        self.assertIn('dcl', plugins)
        self.assertEqual([param['key'] for param in plugins['dcl']['params']], ['temperature', 'hidden', 'output'])

    def test_trains(self):
        data = os.path.join(self.home, 'data')
        os.mkdir(data)
        write_idx(data, 'train', 256)
        write_idx(data, 't10k', 64)
        with open(os.path.join(self.home, 'dcl.ini'), 'w', encoding='utf-8') as file:
            file.write(blocks('ini')[0])
        lines = self.command('train', 'dcl.ini', '--json', '--steps', '30', '--set', 'Dataset.path=' + data,
                             '--set', 'Run.batch=32', '--set', 'Encoder.width=32', '--set', 'Encoder.depth=1',
                             '--set', 'Optimizer.warmup=5')
        losses = [line['loss'] for line in lines if 'loss' in line]
        chance, temperature = math.log(2 * 32 - 2), 0.2  # similarities are between -1 and 1
        self.assertTrue(lines[-1]['done'])
        self.assertTrue(all(abs(loss - chance) <= 2 / temperature for loss in losses), losses)
        self.assertLess(losses[-1], losses[0] - 0.2, 'views of one picture have not come nearer')

    def test_other_examples_are_of_this_header(self):
        """Every other block of C compiles where it belongs: in the file, or in a build()."""
        table, failing = blocks('c')[1:]
        source = ('#include <eidoscope.h>\n' + table + 'gboolean build (EidObjective *self, GError **error);\n'
                  'gboolean build (EidObjective *self, GError **error)\n'
                  '{\nguint hidden = (guint) params[1].value;\n' + failing + '}\n')
        flags = subprocess.run(['pkg-config', '--cflags', 'eidoscope'], env=self.environment, check=True,
                               capture_output=True, text=True).stdout.split()
        done = subprocess.run(['cc', '-Wall', '-Werror', '-fsyntax-only', *flags, '-x', 'c', '-'], input=source,
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))


if __name__ == '__main__':
    unittest.main(verbosity=2)
