"""How early a verdict comes: before the neighbours tell.

    python3 collapse.py EIDOSCOPE [NAME ...] [--steps N] [--every N]

Trains each row of the table, eight broken runs and twenty sound ones, with an evaluation every few
steps, and says at which step the first alarm came and from which on the accuracy of the nearest
neighbours stays a point below its best. Wanted: an alarm in every run that fails, at that step or before, and none in
a sound one. Exit status 1 where that does not hold. Needs Fashion-MNIST; a row whose objective is
not installed is left out.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

FALL = 0.01
RECIPE = """
[Run]
steps = {steps}
batch = 64
seed = {seed}
evaluate-every = {every}
checkpoint-every = 1000000
[Dataset]
reader = idx
path = /usr/share/datasets/fashion-mnist
size = 28
[Augment]
crop-min = 0.3
saturation = 0
hue = 0
grey = 0
blur = 0.2
blur-max = 1
[Encoder]
{encoder}
[Optimizer]
lr = 2e-3
warmup = 10
[Evaluate]
health-every = 10
train-limit = 4000
test-limit = 4000
probe-epochs = 1
[Objective]
plugin = {objective}
"""
VIT = 'plugin = vit\npatch = 4\nwidth = 48\ndepth = 2\nheads = 3\npooling = mean'
RESNET = 'plugin = resnet\ndepth = 18\nwidth = 0.125\nstem = cifar'
DINO = {'prototypes': 256, 'hidden': 128, 'bottleneck': 64, 'small-crops': 2, 'small-crop-min': 0.15,
        'small-crop-max': 0.5, 'teacher-momentum': 0.98}
# As in the recipe fashion-swav: with the paper's queue and sharpness so short a run does not learn.
SWAV = {'prototypes': 128, 'queue': 0, 'epsilon': 0.03, 'small-crops': 2, 'small-crop-min': 0.15,
        'small-crop-max': 0.5}
DINOV2 = {'prototypes': 256, 'hidden': 128, 'bottleneck': 64, 'small-crops': 2, 'small-crop-min': 0.15,
          'small-crop-max': 0.5, 'teacher-momentum': 0.98}
# name: objective, its keys, other settings, whether it fails
ROWS = {
    'simclr': ('simclr', {'hidden': 128}, {}, False),
    'mae': ('mae', {}, {}, False),
    'dino': ('dino', DINO, {}, False),
    'simclr-rate-too-high': ('simclr', {'hidden': 128}, {'Optimizer.lr': 1}, True),
    'mae-rate-too-high': ('mae', {}, {'Optimizer.lr': 1}, True),
    'dino-without-centre': ('dino', DINO | {'center-momentum': 1}, {}, True),
    'dino-without-sharpening': ('dino', DINO | {'teacher-temperature': 1, 'teacher-temperature-end': 1}, {}, True),
    'barlow-twins': ('barlow-twins', {'hidden': 256, 'output': 256}, {}, False),
    'barlow-twins-without-decorrelation': ('barlow-twins', {'lambda': 0, 'hidden': 256, 'output': 256}, {}, True),
    'vicreg': ('vicreg', {'hidden': 256, 'output': 256}, {}, False),
    'vicreg-without-variance': ('vicreg', {'variance': 0, 'hidden': 256, 'output': 256}, {}, True),
    'swav': ('swav', SWAV, {'Optimizer.warmup': 100}, False),
    'lejepa': ('lejepa', {}, {}, False),
    'moco': ('moco', {}, {}, False),
    'nnclr': ('nnclr', {}, {}, False),
    'byol': ('byol', {}, {}, False),
    'byol-without-stop': ('byol', {'stop-gradient': 'false'}, {}, True),
    'simsiam': ('simsiam', {}, {}, False),
    'simsiam-without-stop': ('simsiam', {'stop-gradient': 'false'}, {}, True),
    'moco3': ('moco3', {}, {}, False),
    'dinov2': ('dinov2', DINOV2, {'Encoder.pooling': 'class', 'Encoder.registers': 2}, False),
    'mae-half-masked': ('mae', {'mask-ratio': 0.5}, {}, False),
    'mae-of-pixels': ('mae', {'norm-pix': 'false'}, {}, False),
    'mae-class-token': ('mae', {}, {'Encoder.pooling': 'class', 'Encoder.positions': 'sincos'}, False),
    'simclr-class-token': ('simclr', {'hidden': 128}, {'Encoder.pooling': 'class'}, False),
    'simclr-resnet': ('simclr', {'hidden': 128}, {}, False, RESNET),
    'vicreg-resnet': ('vicreg', {'hidden': 256, 'output': 256}, {}, False, RESNET),
    'byol-resnet': ('byol', {}, {}, False, RESNET),
}


def train(command, name, steps, every, seed):
    """The first alarm as (step, verdict), or None; and the course of kNN, [(step, accuracy)]."""
    objective, keys, settings, _, *encoder = ROWS[name]
    with tempfile.TemporaryDirectory() as folder:
        recipe = os.path.join(folder, name + '.ini')
        with open(recipe, 'w', encoding='utf-8') as file:
            file.write(RECIPE.format(objective=objective, steps=steps, every=every, seed=seed,
                                     encoder=encoder[0] if encoder else VIT))
            file.writelines(f'{key} = {value}\n' for key, value in keys.items())
        words = [word for key, value in settings.items() for word in ('--set', f'{key}={value}')]
        done = subprocess.run([command, 'train', recipe, '--json', '--out', os.path.join(folder, 'run'), *words],
                              capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode not in (0, 4):  # 4: not finite, which is told as well
        sys.exit(f'{name}: {done.stderr}')
    alarms = [(line['step'], line['verdict']) for line in lines if line.get('verdict', 'healthy') != 'healthy']
    course = [(line.get('step', line.get('steps')), line['knn']) for line in lines if 'knn' in line]
    return alarms[0] if alarms else None, course


def step_of_fall(course):
    """From when on the accuracy stays below its best so far; in its first steps a sound run falls and comes back, too."""
    best, fell = 0, None
    for step, knn in course:
        best = max(best, knn)
        if knn >= best - FALL:
            fell = None
        elif fell is None:
            fell = step
    return fell


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('command')
    parser.add_argument('names', nargs='*')
    parser.add_argument('--steps', type=int, default=200)
    parser.add_argument('--every', type=int, default=10, help='steps between two evaluations')
    parser.add_argument('--seeds', type=int, default=1)
    options = parser.parse_intermixed_args()
    if unknown := set(options.names) - set(ROWS):
        parser.error('there is no row ' + ', '.join(sorted(unknown)))
    plugins = subprocess.run([options.command, 'plugins', '--json'], capture_output=True, text=True, check=True).stdout
    installed = {json.loads(line)['id'] for line in plugins.splitlines()}
    failures = 0
    print(f'{"run":34} {"seed":>4}  {"first alarm":30} {"kNN fell at":>11}  {"best":>6}  {"last":>6}')
    for name in options.names or ROWS:
        objective, fails = ROWS[name][0], ROWS[name][3]
        if objective not in installed:
            print(f'{name:34} {"":4}  left out: {objective} is not installed')
            continue
        for seed in range(1, options.seeds + 1):
            alarm, course = train(options.command, name, options.steps, options.every, seed)
            fall = step_of_fall(course)
            good = (alarm is not None and (fall is None or alarm[0] <= fall)) if fails else alarm is None
            failures += not good
            text = f'{alarm[1]} at {alarm[0]}' if alarm else 'none'
            knn = [accuracy for _, accuracy in course] or [float('nan')]
            print(f'{name:34} {seed:4}  {text:30} {fall or "-":>11}  {max(knn):6.3f}  {knn[-1]:6.3f}'
                  f'{"" if good else "  NOT AS WANTED"}', flush=True)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
