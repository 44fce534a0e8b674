"""Every source file says what it is, and documents name what is there."""
import os
import re
import unittest

ROOT = os.environ['SOURCE_ROOT']
FOLDERS = ['app', 'opencl', 'plugins', 'ui', 'tests']
DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'plugins/README.md']


def read(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as file:
        return file.read()


def sources():
    for folder in FOLDERS:
        for place, _, names in os.walk(os.path.join(ROOT, folder)):
            for name in sorted(names):
                if name.endswith(('.c', '.h', '.cl')):
                    yield os.path.relpath(os.path.join(place, name), ROOT)


class Sources(unittest.TestCase):
    def test_files_open_with_what_they_are(self):
        silent = [name for name in sources() if not re.match(r'/\* \S+', read(name))]
        self.assertEqual(silent, [], 'do not open with a comment that says what they are')

    def test_headers_are_guarded(self):
        bare = [name for name in sources() if name.endswith('.h') and '\n#pragma once\n' not in read(name)
                and not name.startswith('opencl/kernels/')]
        self.assertEqual(bare, [], 'have no #pragma once')

    def test_links_lead_somewhere(self):
        for document in DOCUMENTS:
            folder = os.path.dirname(os.path.join(ROOT, document))
            for target in re.findall(r'\]\(([^)#]+)\)', read(document)):
                if '://' not in target:
                    self.assertTrue(os.path.exists(os.path.join(folder, target)), f'{document} links to {target}')

    def test_shortcuts_window_tells_every_key(self):
        """Each key that the window binds stands in its window of shortcuts."""
        told = set()
        for accelerators in re.findall(r'"accelerator">([^<]+)<', read('app/workbench/window/shortcuts.ui')):
            for accelerator in accelerators.replace('&lt;', '<').replace('&gt;', '>').split():
                told.add(accelerator.lower())
        code = read('app/workbench/window/actions.c')
        names = {'GDK_CONTROL_MASK': '<control>', 'GDK_SHIFT_MASK': '<shift>', 'GDK_ALT_MASK': '<alt>'}
        bound = re.findall(r'\{ GDK_KEY_(\w+), ([^,]+), "win', code)
        self.assertGreater(len(bound), 5)
        missing = []
        for key, masks in bound:
            modifiers = ''.join(name for mask, name in names.items() if mask in masks)
            if not key.startswith('KP_') and f'{modifiers}{key}'.lower() not in told:
                missing.append(f'{modifiers}{key}')
        self.assertEqual(missing, [], 'are bound in window/actions.c and not in shortcuts.ui')

    def test_document_names_every_package(self):
        """README's table of dependencies and the list in bootstrap are the same."""
        listed = set(re.findall(r'^(\S+) {2,}\S', read('bootstrap'), re.MULTILINE))
        told = set(re.findall(r'`([a-z0-9.+-]+)`', read('README.md').split('## Dependencies')[1].split('\n## ')[0]))
        self.assertEqual(sorted(listed - told), [], 'are in bootstrap and not in the README')


if __name__ == '__main__':
    unittest.main(verbosity=2)
