"""The kit of plugin authors as it is installed: headers, library, built-in plugins, `new` and `build`."""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import unittest

from stage import Stage

ROOT, BUILD = os.environ['SOURCE_ROOT'], os.environ['BUILD_ROOT']
STRICT = ['-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-missing-field-initializers', '-Werror', '-fPIC',
          '-DGETTEXT_PACKAGE="eidoscope"']
DECLARATION = re.compile(r'^EID_API\s+([^;{]*?)\b(eid_\w+)\s*\(([^;{]*)\)[^;{]*;', re.MULTILINE)


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return file.read()


def without_comments(text):
    return re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)


def declared(text):
    """The functions that a header declares for all."""
    return {match.group(2) for match in DECLARATION.finditer(without_comments(text))}


class Kit(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stage = Stage()

    @classmethod
    def tearDownClass(cls):
        cls.stage.close()

    def flags(self, *what):
        return self.stage.run('pkg-config', *what, 'eidoscope').stdout.split()


class Header(Kit):
    def test_installed_are_two_headers(self):
        """eidoscope.h, and what it includes; nothing that plugins are not promised."""
        self.assertEqual(sorted(os.listdir(self.stage.headers)), ['eidoscope.h', 'tensor.h'])

    def test_flags_lead_to_the_installation_alone(self):
        flags = self.flags('--cflags', '--libs')
        self.assertIn('-I' + self.stage.headers, [os.path.normpath(flag) for flag in flags])
        folders = [flag for flag in flags if re.sub(r'^-[A-Za-z]', '', flag).startswith((ROOT + os.sep, BUILD + os.sep))]
        self.assertEqual(folders, [])
        self.assertEqual(os.path.normpath(self.stage.run('pkg-config', '--variable=plugindir', 'eidoscope').stdout.strip()),
                         self.stage.plugins)

    def test_flags_of_the_build_tree(self):
        environment = dict(self.stage.environment, PKG_CONFIG_PATH=os.path.join(BUILD, 'meson-uninstalled'))
        done = subprocess.run(['sh', '-c', 'cc -shared -fPIC -o out.so "$1" $(pkg-config --cflags --libs eidoscope)', 'sh',
                               os.path.join(ROOT, 'plugins', 'templates', 'objective.c')],
                              cwd=self.stage.home, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_headers_stand_alone(self):
        """Each compiles by itself, without a warning of a careful compiler."""
        for name in ('eidoscope.h', 'tensor.h'):
            source = os.path.join(self.stage.home, 'alone.c')
            with open(source, 'w', encoding='utf-8') as file:
                file.write(f'#include <{name}>\n')
            done = self.stage.run('cc', '-std=gnu11', '-Wall', '-Wextra', '-Wstrict-prototypes', '-Wundef', '-Werror',
                                  '-fsyntax-only', source, *self.flags('--cflags'))
            self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_library_gives_away_what_headers_declare(self):
        library = os.path.join(self.stage.lib, 'libeidoscope.so')
        said = self.stage.run('nm', '--dynamic', '--defined-only', '--format=posix', library).stdout
        exported = {line.split()[0] for line in said.splitlines()}
        promised = declared(read(self.stage.headers, 'eidoscope.h')) | declared(read(self.stage.headers, 'tensor.h'))
        promised.discard('eid_plugin')  # which plugins define
        for_engine = set().union(*(declared(read(header)) for header in glob.glob(os.path.join(ROOT, 'plugins', 'kit', '*.h'))
                                   + [os.path.join(ROOT, 'plugins', 'host.h')]))
        self.assertGreater(len(promised), 200)
        self.assertEqual(sorted(exported - promised - for_engine), [], 'are given away and in no header')
        self.assertEqual(sorted((promised | for_engine) - exported), [], 'are declared and not there')
        self.assertEqual(sorted(promised & for_engine), [], 'are declared twice')

    def test_each_function_is_explained(self):
        """A comment before it or behind it; or before the group it stands in, without an empty line between."""
        silent = []
        for name in ('eidoscope.h', 'tensor.h'):
            for group in re.split(r'\n\s*\n', read(self.stage.headers, name)):
                explained = False
                for line in re.split(r'\n(?=EID_API)', group):
                    explained = explained or '/*' in line
                    found = DECLARATION.search(without_comments(line))
                    if found and not explained:
                        silent.append(found.group(2))
        self.assertEqual(silent, [], 'have no word of explanation')


class BuiltIn(Kit):
    def sources(self):
        found = [source for folder in ('encoders', 'objectives', 'templates')
                 for source in sorted(glob.glob(os.path.join(ROOT, 'plugins', folder, '*.c')))]
        self.assertGreater(len(found), 18)
        return found

    def test_include_the_installed_header_alone(self):
        for source in self.sources():
            included = re.findall(r'^\s*#\s*include\s+["<]([^">]+)[">]', read(source), re.MULTILINE)
            theirs = [name for name in included if name != 'eidoscope.h']
            self.assertIn('eidoscope.h', included, source)
            self.assertTrue(all(name in ('glib/gi18n-lib.h', 'math.h', 'string.h', 'stdlib.h') for name in theirs),
                            f'{source} includes {theirs}')

    def test_compile_against_the_installation(self):
        """From a copy in a folder of its own, so that no file of this repository is beside it."""
        flags = self.flags('--cflags')

        def compile_one(source):
            name = os.path.basename(os.path.dirname(source)) + '-' + os.path.basename(source)
            copy = os.path.join(self.stage.home, name)
            with open(copy, 'w', encoding='utf-8') as file:
                file.write(read(source))
            return name, self.stage.run('cc', '-std=gnu11', '-O0', '-c', '-o', copy[:-2] + '.o', copy, *STRICT, *flags)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, done in pool.map(compile_one, self.sources()):
                self.assertEqual((done.returncode, done.stderr), (0, ''), name)
        libraries = self.flags('--libs')
        for source in glob.glob(os.path.join(self.stage.home, '*.o')):
            done = self.stage.run('cc', '-shared', '-Wl,-z,defs', '-o', source[:-2] + '.so', source, *libraries)
            self.assertEqual((done.returncode, done.stderr), (0, ''), source)


class Commands(Kit):
    def setUp(self):
        self.folder = os.path.join(self.stage.home, self.id().rsplit('.', maxsplit=1)[-1])
        os.mkdir(self.folder)

    def eidoscope(self, *arguments, status=0):
        done = self.stage.run('eidoscope', *arguments, cwd=self.folder)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)

    def test_new_writes_what_compiles_and_trains(self):
        """By the commands that it prints, but for the size of things."""
        for kind, name in (('objective', 'first-try'), ('encoder', 'linux')):  # which is a macro of GCC
            said = self.eidoscope('new', kind, name)
            self.assertLess(len(read(self.path(name, name + '.c')).splitlines()), 100)
            self.assertNotIn('my-plugin', read(self.path(name, name + '.c')) + read(self.path(name, 'meson.build')))
            command = said.stdout.splitlines()[0].split()
            self.assertEqual(command, ['eidoscope', 'build', f'{name}/{name}.c'])
            built = self.eidoscope(*command[1:])
            self.assertEqual(built.stderr, '')
            self.assertTrue(os.path.exists(built.stdout.rstrip('\n')))
            command = said.stdout.splitlines()[1].split()
            self.assertEqual(command[:2], ['eidoscope', 'train'])
            small = ('Dataset.limit=256', 'Run.batch=32', 'Encoder.width=48', 'Encoder.depth=1', 'Optimizer.warmup=2',
                     'Evaluate.train-limit=200', 'Evaluate.test-limit=50')
            trained = self.eidoscope(*command[1:], '--steps', '12', '--json', '--out', name + '-run',
                                     *(word for key in small for word in ('--set', key)))
            losses = [line['loss'] for line in map(json.loads, trained.stdout.splitlines()) if 'loss' in line]
            self.assertLess(losses[-1], losses[0])
        listed = self.eidoscope('plugins').stdout
        self.assertIn('objective first-try: First try', listed)
        self.assertIn('encoder linux: Linux', listed)

    def test_new_takes_no_other_names(self):
        for name in ('', '2d', 'Upper', 'under_score', '../out', 'eid-mine', 'x' * 65, 'a b'):
            self.assertIn('cannot be a plugin', self.eidoscope('new', 'objective', name, status=2).stderr)
        self.assertIn('an encoder', self.eidoscope('new', 'view', 'x', status=2).stderr)
        self.eidoscope('new', 'objective', status=2)
        self.assertEqual(os.listdir(self.folder), [])

    def test_new_writes_over_nothing(self):
        os.mkdir(self.path('mine'))
        self.write('mine/meson.build', 'mine')
        said = self.eidoscope('new', 'objective', 'mine', status=1).stderr
        self.assertIn('mine/meson.build is there already', said)
        self.assertIn('--force', said)
        self.assertEqual((os.listdir(self.path('mine')), read(self.path('mine', 'meson.build'))), (['meson.build'], 'mine'))
        self.eidoscope('new', 'objective', 'mine', '--force')
        self.assertIn("project('mine'", read(self.path('mine', 'meson.build')))

    def test_new_names_a_folder_it_cannot_write(self):
        self.write('file', '')
        self.assertIn('file/below', self.eidoscope('new', 'encoder', 'x', '--output', 'file/below', status=1).stderr)

    def test_build_names_the_line_and_keeps_the_old_one(self):
        self.write('broken.c', '#include <eidoscope.h>\nvoid f (void);\nvoid f (void)\n{\n  eid_no_such_thing ();\n}\n')
        self.write('broken.so', 'the old one')
        said = self.eidoscope('build', 'broken.c', '--output', 'broken.so', status=1).stderr
        self.assertIn('broken.c:5:', said)
        self.assertIn('does not compile', said)
        self.assertEqual(read(self.path('broken.so')), 'the old one')
        self.assertEqual(sorted(os.listdir(self.folder)), ['broken.c', 'broken.so'])

    def test_build_refuses_what_could_not_be_loaded(self):
        """What is declared and nowhere defined is an error here, not when a run begins."""
        self.write('loose.c', 'void nowhere (void);\nvoid f (void);\nvoid f (void)\n{\n  nowhere ();\n}\n')
        self.assertIn('nowhere', self.eidoscope('build', 'loose.c', '--output', '.', status=1).stderr)

    def test_build_puts_a_new_file_in_the_place_of_the_old(self):
        """A process that has the old one open keeps it."""
        self.eidoscope('new', 'objective', 'twice', '--output', '.')
        self.eidoscope('build', 'twice.c', '--output', '.')
        with open(self.path('twice.so'), 'rb') as old:
            before = old.read()
            self.eidoscope('build', 'twice.c', '--output', 'twice.so')
            self.assertNotEqual(os.fstat(old.fileno()).st_ino, os.stat(self.path('twice.so')).st_ino)
            old.seek(0)
            self.assertEqual(old.read(), before)

    def test_build_says_what_it_lacks(self):
        self.eidoscope('build', status=2)
        self.eidoscope('build', 'x.cpp', status=2)
        self.assertIn('no file x.c', self.eidoscope('build', 'x.c', status=1).stderr)
        self.write('x.c', '')
        self.assertIn('nowhere', self.eidoscope('build', 'x.c', '--output', 'nowhere/x.so', status=1).stderr)
        for variable, package in (('CC', 'gcc'), ('PKG_CONFIG', 'pkg-config')):
            self.stage.environment[variable] = 'no-such-program'
            said = self.eidoscope('build', 'x.c', '--output', '.', status=1).stderr
            del self.stage.environment[variable]
            self.assertIn('no-such-program', said)
            self.assertIn(package, said)


if __name__ == '__main__':
    unittest.main(verbosity=2)
