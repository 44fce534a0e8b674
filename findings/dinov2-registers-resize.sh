#!/bin/sh
# Two models of one family and one library resize their position embeddings by different rules: in transformers,
# Dinov2Model uses plain bicubic interpolation, Dinov2WithRegistersModel antialiased bicubic interpolation.
#
# One would guess that the same weights at another picture size give the same positions, since the second model
# differs from the first by its register tokens alone. At the size they were trained at both agree exactly, so a
# test at that size shows nothing; at half the size the mean cosine distance of random positions is 0.15.
#
# It hurts who converts between the two, adds registers to a model without them, or writes another reader of
# these weights: whichever rule is taken for both, one model's features differ from the published ones.
set -eu

expected='112 0.152
224 0
448 0.00254'
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet torch==2.15.0 transformers==5.24.0 numpy==2.4.6
cat >"$place/resize.py" <<'PYTHON'
import torch
from transformers import (Dinov2Config, Dinov2Model, Dinov2WithRegistersConfig, Dinov2WithRegistersModel)

torch.manual_seed(0)
shape = dict(hidden_size=64, num_hidden_layers=1, num_attention_heads=2, image_size=224, patch_size=14)
plain = Dinov2Model(Dinov2Config(**shape)).eval().embeddings
registers = Dinov2WithRegistersModel(Dinov2WithRegistersConfig(**shape)).eval().embeddings
with torch.no_grad():
    registers.position_embeddings.copy_(plain.position_embeddings)
    for side in (112, 224, 448):
        tokens = torch.zeros(1, (side // 14) ** 2 + 1, 64)
        a = plain.interpolate_pos_encoding(tokens, side, side)[0, 1:]
        b = registers.interpolate_pos_encoding(tokens, side, side)[0, 1:]
        distance = 0 if torch.equal(a, b) else 1 - torch.nn.functional.cosine_similarity(a, b).mean().item()
        print(side, f"{distance:.3g}")
PYTHON

"$place/venv/bin/pip" list 2>/dev/null | grep -E '^(torch|transformers) '
seen=$("$place/venv/bin/python" "$place/resize.py" 2>"$place/errors") || { cat "$place/errors"; exit 1; }
echo 'side of the picture in pixels, mean cosine distance of the same positions as the two models resize them:'
echo "$seen"
test "$seen" = "$expected" || { echo "this has changed; it was:"; echo "$expected"; exit 1; }
