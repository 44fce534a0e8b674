"""The folders and which of them include which: no arrow runs up, and none in a circle.

    SOURCE_ROOT=. python3 tests/front/arrows.py          checks
    SOURCE_ROOT=. python3 tests/front/arrows.py --dot    draws, for Graphviz

FLOORS says of each folder which others it may know. Plugins know the header that is installed
alone, and the workbench nothing of OpenCL.
"""
import os
import re
import sys
import tempfile
import unittest

INSTALLED = {'eidoscope.h': 'plugins/eidoscope.h', 'tensor.h': 'opencl/core/tensor.h'}
ROOT = os.environ.get('SOURCE_ROOT', '.')
BELOW_ENGINE = ['opencl/core', 'plugins', 'app/datasets', 'app/store', 'app/wire']
BELOW_WORKBENCH = ['ui', 'app/store', 'app/wire']
FLOORS = {
    'opencl/core': [],
    'opencl/kernels': [],
    'opencl/backends': ['opencl/core'],
    'opencl/ops': ['opencl/backends', 'opencl/core'],
    'opencl/optim': ['opencl/core'],
    'plugins': ['opencl/core'],
    'plugins/kit': ['plugins', 'opencl/core'],
    'plugins/encoders': ['plugins'],
    'plugins/objectives': ['plugins'],
    'plugins/templates': ['plugins'],
    'app/datasets': [],
    'app/store': [],
    'app/wire': [],
    'ui': [],
}
# Of these each knows those before it.
STOREYS = {
    'ui': (['ui'], ['base', 'attention', 'chart', 'form', 'image', 'matrix', 'scatter', 'text', 'gallery']),
    'app/engine': (BELOW_ENGINE, ['weights', 'setup', 'diagnostics', 'evaluation', 'views', 'trainer', 'bench', 'check',
                                  'service']),
    'app/workbench': (BELOW_WORKBENCH, ['client', 'start', 'pages', 'pages/attention', 'pages/augmentations',
                                        'pages/embedding', 'pages/plugin', 'pages/reconstruction', 'session',
                                        'plugin', 'window', '']),
}
for top, (below, storeys) in STOREYS.items():
    folders = [f'{top}/{storey}' if storey else top for storey in storeys]
    FLOORS |= {folder: below + folders[:i] for i, folder in enumerate(folders)}
FLOORS['app/cli'] = BELOW_ENGINE + [folder for folder in FLOORS if folder.startswith('app/engine/')]


def sources(root):
    for top in ('opencl', 'plugins', 'app', 'ui'):
        for place, _, names in os.walk(os.path.join(root, top)):
            for name in names:
                if name.endswith(('.c', '.h')):
                    yield os.path.relpath(os.path.join(place, name), root)


def find_arrows(root):
    """{(folder, folder that it includes of): ['FILE includes HEADER', …]}"""
    names = sorted(sources(root))
    found = {}
    for name in names:
        folder = os.path.dirname(name)
        with open(os.path.join(root, name), encoding='utf-8') as file:
            headers = re.findall(r'^#include "([^"]+)"', file.read(), re.MULTILINE)
        for header in headers:
            # Headers are named by their path; those that are installed, which plugins name as they are there, are not.
            other = os.path.dirname(INSTALLED.get(header, header))
            if other not in ('', folder):  # what is made while building has no folder
                found.setdefault((folder, other), []).append(f'{name} includes {header}')
    return found


def find_wrong(arrows, floors):
    """What is not allowed, a line each."""
    return [line for (folder, other), lines in sorted(arrows.items())
            if other not in floors.get(folder, []) for line in lines]


def find_circle(floors):
    """The folders of a circle, or []."""
    def walk(folder, path):
        if folder in path:
            return path[path.index(folder):] + [folder]
        for other in floors.get(folder, []):
            if circle := walk(other, path + [folder]):
                return circle
        return []

    return next(filter(None, (walk(folder, []) for folder in floors)), [])


class Arrows(unittest.TestCase):
    def test_no_arrow_runs_up(self):
        self.assertEqual(find_wrong(find_arrows(ROOT), FLOORS), [], 'are not allowed by FLOORS in arrows.py')

    def test_floors_have_no_circle(self):
        self.assertEqual(find_circle(FLOORS), [])

    def test_every_folder_has_a_floor(self):
        folders = {os.path.dirname(name) for name in sources(ROOT)}
        self.assertEqual(sorted(folders - set(FLOORS)), [])

    def test_an_arrow_that_runs_up_is_found(self):
        with tempfile.TemporaryDirectory() as root:
            for name, text in (('ui/chart/chart.h', ''), ('opencl/core/tensor.h', ''),
                               ('ui/chart/chart.c', '#include "ui/chart/chart.h"\n#include "opencl/core/tensor.h"\n')):
                os.makedirs(os.path.join(root, os.path.dirname(name)), exist_ok=True)
                with open(os.path.join(root, name), 'w', encoding='utf-8') as file:
                    file.write(text)
            self.assertEqual(find_wrong(find_arrows(root), FLOORS), ['ui/chart/chart.c includes opencl/core/tensor.h'])

    def test_a_circle_is_found(self):
        self.assertEqual(find_circle({'a': ['b'], 'b': ['c'], 'c': ['b']}), ['b', 'c', 'b'])


if __name__ == '__main__':
    if sys.argv[1:] == ['--dot']:
        print('digraph {')
        for (folder, other), lines in sorted(find_arrows(ROOT).items()):
            print(f'  "{folder}" -> "{other}" [label={len(lines)}];')
        print('}')
    else:
        unittest.main(verbosity=2)
