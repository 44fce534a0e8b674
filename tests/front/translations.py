"""Every text can be translated, and what is translated is sound.

POTFILES.in names each file that has texts and no other; every language compiles
with its checks on, and is complete.
"""
import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.environ['SOURCE_ROOT']
FOLDERS = ['app', 'data', 'opencl', 'plugins', 'ui']
KEYWORDS = ['_', 'N_', 'C_:1c,2', 'NC_:1c,2', 'ngettext:1,2', 'g_dngettext:2,3']
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


def has_texts(name):
    if name.endswith('.c'):
        return bool(TEXT.search(read(name)))
    if name.endswith('.ui'):
        return 'translatable=' in read(name)
    return name.endswith(('.desktop', '.metainfo.xml', '.gschema.xml'))


class Translations(unittest.TestCase):
    maxDiff = None

    def test_files_are_listed(self):
        wanted = {name for name in sources('.c', '.ui', '.desktop', '.xml') if has_texts(name)}
        listed = entries('po/POTFILES.in')
        self.assertEqual(sorted(wanted - set(listed)), [], 'have texts and are not in po/POTFILES.in')
        self.assertEqual(sorted(set(listed) - wanted), [], 'are in po/POTFILES.in and have no texts')
        self.assertEqual(listed, sorted(listed), 'po/POTFILES.in is not in order')

    def test_languages_are_sound(self):
        languages = entries('po/LINGUAS')
        files = sorted(name[:-3] for name in os.listdir(path('po')) if name.endswith('.po'))
        self.assertEqual(files, sorted(languages), 'po/LINGUAS names other languages than there are')
        for language in languages:
            subprocess.run(['msgfmt', '--check', '--output-file=/dev/null', path('po', language + '.po')], check=True)

    def test_languages_are_complete(self):
        """A language that is there has every text; what is new is named here."""
        with tempfile.TemporaryDirectory() as folder:
            template = os.path.join(folder, 'eidoscope.pot')
            subprocess.run(['xgettext', '--from-code=UTF-8', '--add-comments=TRANSLATORS', '--output', template]
                           + ['--keyword=' + keyword for keyword in KEYWORDS]
                           + ['--files-from', path('po', 'POTFILES.in'), '--directory', ROOT],
                           check=True, stderr=subprocess.DEVNULL)
            for language in entries('po/LINGUAS'):
                merged = os.path.join(folder, language + '.po')
                subprocess.run(['msgmerge', '--quiet', '--no-fuzzy-matching', '--output-file', merged,
                                path('po', language + '.po'), template], check=True)
                missing = subprocess.run(['msgattrib', '--untranslated', '--no-wrap', merged], check=True,
                                         capture_output=True, text=True).stdout
                texts = re.findall(r'^msgid "(.+)"$', missing, re.MULTILINE)
                self.assertEqual(texts, [], f'are not in po/{language}.po')


if __name__ == '__main__':
    unittest.main(verbosity=2)
