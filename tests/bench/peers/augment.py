"""SimCLR's augmentation for a whole batch at once, in plain tensor operations.

Every view draws its own crop, flip, colour factors and greyscale. The four
colour operations run in one fixed order, brightness, contrast, saturation,
hue: a shuffled order would cost the batched form more.
"""

import math

import torch
import torch.nn.functional as F

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)
LUMA = (0.299, 0.587, 0.114)


def uniform(n, low, high):
    return torch.empty(n).uniform_(low, high)


def random_resized_crop(x, scale=(0.2, 1.0), ratio=(3 / 4, 4 / 3), flip=0.5):
    """x [N, 3, H, W] -> the same shape: bilinear, half of the views mirrored."""
    n = x.shape[0]
    area = uniform(n, *scale)
    aspect = uniform(n, math.log(ratio[0]), math.log(ratio[1])).exp()
    width = (area * aspect).sqrt().clamp(max=1)
    height = (area / aspect).sqrt().clamp(max=1)
    centre_x = (1 - width) * uniform(n, -1, 1)
    centre_y = (1 - height) * uniform(n, -1, 1)
    mirror = torch.where(torch.rand(n) < flip, -1.0, 1.0)
    zero = torch.zeros(n)
    theta = torch.stack([width * mirror, zero, centre_x, zero, height, centre_y], dim=1).view(n, 2, 3)
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def grey(x):
    """x [N, 3, H, W] -> luma [N, 1, H, W]."""
    return (LUMA[0] * x[:, 0] + LUMA[1] * x[:, 1] + LUMA[2] * x[:, 2]).unsqueeze(1)


def turn_hue(x, turn):
    """x [N, 3, H, W] in 0 … 1, turn [N, 1, 1] in turns; saturation and value stay."""
    red, green, blue = x.unbind(1)
    value = torch.maximum(torch.maximum(red, green), blue)
    chroma = value - torch.minimum(torch.minimum(red, green), blue)
    scale = 1 / chroma.clamp(min=1e-8)
    sixth = torch.where(
        value == red,
        (green - blue) * scale,
        torch.where(value == green, 2 + (blue - red) * scale, 4 + (red - green) * scale),
    )
    sixth = sixth + 6 * turn
    k = torch.stack([sixth + 5, sixth + 3, sixth + 1], dim=1).remainder(6)
    depth = torch.minimum(k, 4 - k).clamp(0, 1)
    return value.unsqueeze(1) - chroma.unsqueeze(1) * depth


def colour_jitter(x, brightness=0.4, contrast=0.4, saturation=0.4, hue=0.1, p=0.8):
    """x [N, 3, H, W] in 0 … 1; a view that is not jittered has factors that change nothing."""
    n = x.shape[0]
    on = torch.rand(n) < p

    def factor(most):
        return torch.where(on, uniform(n, 1 - most, 1 + most), 1.0).view(n, 1, 1, 1)

    x = (x * factor(brightness)).clamp(0, 1)
    x = torch.lerp(grey(x).mean((2, 3), keepdim=True), x, factor(contrast)).clamp(0, 1)
    x = torch.lerp(grey(x), x, factor(saturation)).clamp(0, 1)
    return turn_hue(x, torch.where(on, uniform(n, -hue, hue), 0.0).view(n, 1, 1))


def random_greyscale(x, p=0.2):
    on = (torch.rand(x.shape[0]) < p).view(-1, 1, 1, 1)
    return torch.where(on, grey(x), x)


def normalise(x):
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    return (x - mean) * (1 / std)


@torch.no_grad()
def simclr_views(pictures, views=2):
    """uint8 [B, H, W, 3] -> float [views · B, 3, H, W], view-major."""
    x = pictures.permute(0, 3, 1, 2).float() * (1 / 255)
    x = random_resized_crop(x.contiguous().repeat(views, 1, 1, 1))
    return normalise(random_greyscale(colour_jitter(x)))
