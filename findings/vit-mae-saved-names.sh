#!/bin/sh
# transformers 5.24 saves the decoder of a ViTMAEForPreTraining under names that are neither those of the
# published checkpoints nor those in memory: decoder.decoder_encoder.layer.0… where both have decoder_layers.0….
#
# One would guess that save_pretrained() writes the published format, as it does for the encoder beside it (in
# memory vit.layers.0.attention.q_proj, in the file vit.encoder.layer.0.attention.attention.query). The rule that
# turns "layers." back into "encoder.layer." seems to hit the decoder's "decoder_layers." as well. Loading the
# file with the same version undoes it, so that a round trip there shows nothing.
#
# It hurts who reads such files with anything else. transformers 4.57 loads one with the whole decoder at random:
# the reconstructions are noise, and only a warning tells of it.
set -eu

expected='16 tensors missing, 16 unexpected, such as decoder.decoder_encoder.layer.0.attention.attention.key.bias'
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet torch==2.15.0 transformers==5.24.0 safetensors==0.8.0 numpy==2.4.6
"$place/venv/bin/pip" install --quiet --no-deps --target "$place/older" transformers==4.57.1 huggingface_hub==0.36.0 \
  tokenizers==0.22.1 requests==2.32.5 urllib3==2.5.0 idna==3.10 charset-normalizer==3.4.3 certifi==2025.8.3

cat >"$place/save.py" <<'PYTHON'
import sys
from transformers import ViTMAEConfig, ViTMAEForPreTraining

ViTMAEForPreTraining(ViTMAEConfig(
    hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64, image_size=32, patch_size=8,
    decoder_hidden_size=16, decoder_num_hidden_layers=1, decoder_num_attention_heads=2,
    decoder_intermediate_size=32)).save_pretrained(sys.argv[1])
PYTHON
cat >"$place/load.py" <<'PYTHON'
import sys
from transformers import ViTMAEForPreTraining

_, info = ViTMAEForPreTraining.from_pretrained(sys.argv[1], output_loading_info=True)
missing, unexpected = sorted(info["missing_keys"]), sorted(info["unexpected_keys"])
print(f"{len(missing)} tensors missing, {len(unexpected)} unexpected, such as {(unexpected or ['none'])[0]}")
PYTHON

python=$place/venv/bin/python
"$place/venv/bin/pip" list 2>/dev/null | grep -E '^(torch|transformers|safetensors) '
"$python" "$place/save.py" "$place/saved" 2>"$place/errors" || { cat "$place/errors"; exit 1; }
PYTHONPATH=$place/older "$python" "$place/save.py" "$place/saved-by-older" 2>"$place/errors" || { cat "$place/errors"; exit 1; }
echo "saved by 5.24.0, loaded by 5.24.0: $("$python" "$place/load.py" "$place/saved" 2>/dev/null)"
echo "saved by 4.57.1, loaded by 5.24.0: $("$python" "$place/load.py" "$place/saved-by-older" 2>/dev/null)"
seen=$(PYTHONPATH=$place/older "$python" "$place/load.py" "$place/saved" 2>/dev/null)
echo "saved by 5.24.0, loaded by 4.57.1: $seen"
test "$seen" = "$expected" || { echo "this has changed; it was: $expected"; exit 1; }
