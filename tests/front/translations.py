"""Every text can be translated, and what is translated is sound.

POTFILES.in names each file that has texts and no other; no text is broken into
pieces that xgettext cannot see; every language compiles with its checks on.
"""
import ast
import json
import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.environ['SOURCE_ROOT']
FOLDERS = ['app', 'data', 'opencl', 'plugins', 'ui']
KEYWORDS = (['_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'ngettext:1,2', 'g_dngettext:2,3']
            + [f'EID_PARAM_{kind}:1' for kind in ('INT', 'FLOAT', 'FLOAT_LIVE', 'BOOL', 'CHOICE')])  # as po/meson.build
TEXT = re.compile(r'\b(?:N?C?_|n?gettext|g_dngettext)\s*\(\s*(?:GETTEXT_PACKAGE\s*,\s*)?"')


def path(*parts):
    return os.path.join(ROOT, *parts)


def sources(*endings):
    for folder in FOLDERS:
        for place, _, names in os.walk(path(folder)):
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(place, name), ROOT)


def read(name):
    with open(path(name), encoding='utf-8') as file:
        return file.read()


def entries(name):
    return [line for line in read(name).split('\n') if line and not line.startswith('#')]


def write_template(folder):
    template = os.path.join(folder, 'eidoscope.pot')
    subprocess.run(['xgettext', '--from-code=UTF-8', '--output', template]
                   + ['--keyword=' + keyword for keyword in KEYWORDS]
                   + ['--files-from', path('po', 'POTFILES.in'), '--directory', ROOT],
                   check=True, stderr=subprocess.DEVNULL)
    return template


def texts_of(template):
    """Its texts as the program looks them up; those with a context or a plural are left out."""
    lines = subprocess.run(['msgattrib', '--no-wrap', template], check=True, capture_output=True,
                           text=True).stdout.split('\n')
    return {ast.literal_eval(line[len('msgid '):]) for line in lines if line.startswith('msgid ')}


def built_in_plugins():
    command = os.path.join(os.environ['BUILD_ROOT'], 'app', 'cli', 'eidoscope')
    environment = dict(os.environ, LC_ALL='C.UTF-8', LANGUAGE='')
    environment.pop('EIDOSCOPE_PLUGIN_PATH', None)
    with tempfile.TemporaryDirectory() as home:  # where nobody has plugins of their own
        environment.update(XDG_DATA_HOME=home, XDG_CACHE_HOME=home, HOME=home)
        lines = subprocess.run([command, 'plugins', '--json'], check=True, capture_output=True, text=True,
                               env=environment).stdout.splitlines()
    return [json.loads(line) for line in lines]


def has_texts(name):
    if name.endswith(('.c', '.h')):
        return bool(TEXT.search(read(name)))
    if name.endswith('.ui'):
        return 'translatable=' in read(name)
    return name.endswith(('.desktop', '.metainfo.xml', '.gschema.xml'))


class Translations(unittest.TestCase):
    maxDiff = None

    def test_files_are_listed(self):
        wanted = {name for name in sources('.c', '.h', '.ui', '.desktop', '.xml') if has_texts(name)}
        listed = entries('po/POTFILES.in')
        self.assertEqual(sorted(wanted - set(listed)), [], 'have texts and are not in po/POTFILES.in')
        self.assertEqual(sorted(set(listed) - wanted), [], 'are in po/POTFILES.in and have no texts')
        self.assertEqual(listed, sorted(listed), 'po/POTFILES.in is not in order')

    def test_texts_are_whole(self):
        """xgettext does not know G_GUINT64_FORMAT and its like: PRIu64 or %zu it does."""
        broken = []
        for name in sources('.c'):
            for text in re.finditer(r'\b_\s*\(((?:\s*"(?:[^"\\]|\\.)*"|\s*[A-Z][A-Z0-9_a-z]*)+)\s*\)', read(name)):
                if re.search(r'\bG_\w+_FORMAT\b', text.group(1)):
                    broken.append(name + ': ' + ' '.join(text.group(1).split()))
        self.assertEqual(broken, [], 'cannot be translated')

    def test_plugins_are_whole(self):
        """What the window shows of the plugins that come along: titles, parameters, and what they do."""
        with tempfile.TemporaryDirectory() as folder:
            known = texts_of(write_template(folder))
        plugins = built_in_plugins()
        self.assertEqual(len(plugins), 17)
        for plugin in plugins:
            for text in [plugin['title']] + [param[part] for param in plugin['params'] for part in ('key', 'doc')]:
                self.assertIn(text, known, f"a text of {plugin['id']} cannot be translated")

    def test_languages_are_sound(self):
        languages = entries('po/LINGUAS')
        files = sorted(name[:-3] for name in os.listdir(path('po')) if name.endswith('.po'))
        self.assertEqual(files, sorted(languages), 'po/LINGUAS names other languages than there are')
        for language in languages:
            subprocess.run(['msgfmt', '--check', '--output-file=/dev/null', path('po', language + '.po')], check=True)

    def test_languages_are_up_to_date(self):
        """A language may lag behind by a text or two; one that has lost a tenth is out of date."""
        with tempfile.TemporaryDirectory() as folder:
            template = write_template(folder)
            for language in entries('po/LINGUAS'):
                merged = os.path.join(folder, language + '.po')
                subprocess.run(['msgmerge', '--quiet', '--no-fuzzy-matching', '--output-file', merged,
                                path('po', language + '.po'), template], check=True)
                all_of_it, missing = (
                    re.findall(r'^msgid "(.*)"$', subprocess.run(['msgattrib', '--no-wrap', *option, merged], check=True,
                                                                 capture_output=True, text=True).stdout, re.MULTILINE)
                    for option in (['--no-obsolete'], ['--untranslated', '--no-obsolete']))
                self.assertLess(len(missing), len(all_of_it) / 10, f'po/{language}.po has nothing for {missing}')


if __name__ == '__main__':
    unittest.main(verbosity=2)
