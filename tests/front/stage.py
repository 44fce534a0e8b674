"""An installation to test against: what `meson install` writes, below a folder of the test's own.

Its programs run from there, with its library and its plugins, in a home of their own; nothing of
the source tree is on any path.
"""
import os
import re
import stat
import subprocess
import tempfile


class Stage:
    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = os.path.join(self.temporary.name, 'installed')
        subprocess.run(['meson', 'install', '-C', os.environ['BUILD_ROOT'], '--no-rebuild', '--quiet', '--destdir',
                        self.folder], check=True)
        self.configuration = self.find('eidoscope.pc')
        self.move(os.path.join(self.configuration, 'eidoscope.pc'))
        self.headers = self.find('eidoscope.h')
        self.lib = os.path.dirname(self.configuration)
        self.plugins = os.path.join(self.lib, 'eidoscope', 'plugins')
        self.programs = self.find('eidoscope-workbench')
        self.home = os.path.join(self.temporary.name, 'home')
        os.mkdir(self.home)
        self.environment = dict(
            os.environ, HOME=self.home, XDG_DATA_HOME=os.path.join(self.home, '.local', 'share'),
            XDG_CACHE_HOME=os.environ.get('XDG_CACHE_HOME', os.path.expanduser('~/.cache')),
            PATH=self.commands() + ':' + os.environ['PATH'], PKG_CONFIG_PATH=self.configuration, LC_ALL='C.UTF-8')
        for name in ('EIDOSCOPE_PLUGIN_PATH', 'EIDOSCOPE_DATA_PATH', 'LD_LIBRARY_PATH', 'CC', 'CFLAGS', 'LDFLAGS'):
            self.environment.pop(name, None)

    def find(self, name):
        """The folder of the one installed file of that name."""
        folders = [place for place, _, names in os.walk(self.folder) if name in names]
        assert len(folders) == 1, f'{name} is installed in {folders}'
        return folders[0]

    def move(self, file):
        """Where eidoscope.pc names its prefix (-Dpkgconfig.relocatable=false), that has moved too."""
        with open(file, 'r+', encoding='utf-8') as stream:
            text = re.sub('^prefix=/', f'prefix={self.folder}/', stream.read(), flags=re.MULTILINE)
            stream.seek(0)
            stream.write(text)

    def commands(self):
        """A folder with `eidoscope`: the installed one, told that it lies below a folder where it was not built for."""
        folder = os.path.join(self.temporary.name, 'bin')
        os.mkdir(folder)
        command = os.path.join(folder, 'eidoscope')
        with open(command, 'w', encoding='utf-8') as file:
            recipes = os.path.dirname(self.find('fashion-simclr.ini'))
            file.write(f'#!/bin/sh\nexport LD_LIBRARY_PATH={self.lib}\n'
                       f'export EIDOSCOPE_DATA_PATH={os.path.dirname(recipes)}\n'
                       f'export EIDOSCOPE_PLUGIN_PATH=${{EIDOSCOPE_PLUGIN_PATH:+$EIDOSCOPE_PLUGIN_PATH:}}{self.plugins}\n'
                       f'exec {self.programs}/eidoscope "$@"\n')
        os.chmod(command, stat.S_IRWXU)
        return folder

    def run(self, *arguments, cwd=None):
        return subprocess.run(arguments, cwd=cwd or self.home, env=self.environment, capture_output=True, text=True,
                              check=False)

    def close(self):
        self.temporary.cleanup()
