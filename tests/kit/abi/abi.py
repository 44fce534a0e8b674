"""Plugins that were built for the last release go on working: libabigail compares.

Two things pass through the door, and each has its file here, as it was at the release: kit.abi, the
functions of eidoscope.h and tensor.h with their types; and plugin.abi, what a plugin hands over, its
descriptor. What is added passes; what is taken away or changed does not. Where a change is meant,
EID_ABI is raised, and then, as at each release:

    meson compile -C _build renew-abi
"""
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

ROOT, BUILD, LIBRARY = os.environ['SOURCE_ROOT'], os.environ['BUILD_ROOT'], os.environ['LIBRARY']
HERE = os.path.dirname(os.path.abspath(__file__))
HEADERS = (('plugins', 'eidoscope.h'), ('opencl/core', 'tensor.h'))
TERSE = ['--no-show-locs', '--no-comp-dir-path', '--no-elf-needed', '--no-corpus-path', '--no-parameter-names',
         '--drop-private-types', '--exported-interfaces-only']
FUNCTION = re.compile(r'^EID_API\s+[^;{]*?\b(eid_\w+)\s*\(', re.MULTILINE)
ELSEWHERE = 77  # skipped, to meson


def why_not():
    """Why nothing can be compared here, or None."""
    if not shutil.which('abidiff') or not shutil.which('abidw'):
        return 'abidiff is not installed: Debian has it in abigail-tools.'
    if platform.machine() != 'x86_64':
        return f'The release was recorded on x86_64, and this is {platform.machine()}.'
    sections = subprocess.run(['readelf', '--section-headers', LIBRARY], capture_output=True, text=True, check=True).stdout
    return None if '.debug_info' in sections else 'libeidoscope was built without debug information (-g), which has its types.'


class Snapshot:
    """The interface as it is now; or, with other @headers and without the function @dropped, as it might become."""

    def __init__(self, folder, headers=None, dropped=None):
        self.folder, self.headers = folder, os.path.join(folder, 'headers')
        os.makedirs(self.headers)
        text = ''
        for place, name in HEADERS:
            with open(os.path.join(ROOT, place, name), encoding='utf-8') as file:
                content = (headers or {}).get(name) or file.read()
            with open(os.path.join(self.headers, name), 'w', encoding='utf-8') as file:
                file.write(content)
            text += content
        names = set(FUNCTION.findall(re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL))) - {'eid_plugin', dropped}
        self.functions = os.path.join(folder, 'functions')
        with open(self.functions, 'w', encoding='utf-8') as file:
            file.write('[functions_whitelist]\n' + ''.join(f'  {name}\n' for name in sorted(names)))

    def describe(self, binary, output, *options):
        subprocess.run(['abidw', '--headers-dir', self.headers, *TERSE, *options, '--out-file', output, binary], check=True)
        return output

    def kit(self, output=None):
        return self.describe(LIBRARY, output or os.path.join(self.folder, 'kit.abi'), '--kmi-whitelist', self.functions)

    def plugin(self, output=None):
        flags = subprocess.run(['pkg-config', '--cflags', 'glib-2.0'], capture_output=True, text=True, check=True).stdout
        binary = os.path.join(self.folder, 'plugin.so')
        shutil.copy(os.path.join(ROOT, 'plugins', 'templates', 'objective.c'), os.path.join(self.folder, 'plugin.c'))
        # By its name alone, which is recorded.
        subprocess.run(['cc', '-g', '-shared', '-fPIC', '-fvisibility=hidden', '-o', binary, '-I' + self.headers,
                        'plugin.c', *flags.split()], cwd=self.folder, check=True)
        return self.describe(binary, output or os.path.join(self.folder, 'plugin.abi'))


def compare(before, after):
    """abidiff's verdict and its report: 0 is compatible."""
    done = subprocess.run(['abidiff', '--leaf-changes-only', '--no-added-syms', '--suppressions',
                           os.path.join(HERE, 'append-only.abignore'), before, after],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Abi(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)

    def changed(self, name, before, after):
        """The descriptor's verdict where in the header @name @before were @after."""
        with open(os.path.join(ROOT, dict((n, p) for p, n in HEADERS)[name], name), encoding='utf-8') as file:
            text = file.read()
        self.assertEqual(text.count(before), 1, before)
        folder = tempfile.mkdtemp(dir=self.temporary.name)
        now = Snapshot(os.path.join(folder, 'now'))
        then = Snapshot(os.path.join(folder, 'then'), {name: text.replace(before, after)})
        return compare(now.plugin(), then.plugin())[0]

    def test_kit_serves_plugins_of_the_release(self):
        self.assertEqual(compare(os.path.join(HERE, 'kit.abi'), Snapshot(self.temporary.name).kit()), (0, unittest.mock.ANY))

    def test_kit_reads_plugins_of_the_release(self):
        self.assertEqual(compare(os.path.join(HERE, 'plugin.abi'), Snapshot(self.temporary.name).plugin()),
                         (0, unittest.mock.ANY))

    def test_a_function_taken_away_is_found(self):
        now = Snapshot(os.path.join(self.temporary.name, 'now'))
        without = Snapshot(os.path.join(self.temporary.name, 'without'), dropped='eid_matmul')
        verdict, report = compare(now.kit(), without.kit())
        self.assertNotEqual(verdict, 0)
        self.assertIn('eid_matmul', report)
        self.assertEqual(compare(without.kit(), now.kit())[0], 0, 'a function more is a change that nobody feels')

    def test_a_descriptor_grows_at_its_end_alone(self):
        first, last = '  gsize           state_size;', '\n} EidDescriptor;'
        self.assertEqual(self.changed('eidoscope.h', last, '\n  gpointer fresh;' + last), 0)
        self.assertNotEqual(self.changed('eidoscope.h', first, '  gpointer fresh;\n' + first), 0)
        self.assertNotEqual(self.changed('eidoscope.h', first, first.replace('gsize', 'guint')), 0)

    def test_what_is_passed_by_value_never_grows(self):
        self.assertNotEqual(self.changed('eidoscope.h', '\n} EidViews;', '\n  guint fresh;\n} EidViews;'), 0)
        self.assertNotEqual(self.changed('eidoscope.h', '\n} EidParam;', '\n  gpointer fresh;\n} EidParam;'), 0)


if __name__ == '__main__':
    obstacle = why_not()
    if obstacle:
        print(obstacle)
        sys.exit(ELSEWHERE)
    if '--renew' in sys.argv:
        with tempfile.TemporaryDirectory() as scratch:
            Snapshot(os.path.join(scratch, 'release')).kit(os.path.join(HERE, 'kit.abi'))
            Snapshot(os.path.join(scratch, 'again')).plugin(os.path.join(HERE, 'plugin.abi'))
        sys.exit(0)
    unittest.main(verbosity=2)
