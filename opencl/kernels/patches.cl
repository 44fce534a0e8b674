/* patches.cl: pictures and films to patches and back. */

/* A row each of patches [B, N, C t p p], in the order (c, t, y, x); films [B, T, H, W, C]. */
kernel void
permute (global float *films, global float *patches, int rows, int length, int height, int width, int channels,
         int frames, int patch, int to_patches, int accumulate)
{
  ROW_BEGIN (rows);
  const int across = width / patch, down = height / patch, along = length / frames;
  const int left = row % across * patch, top = row / across % down * patch;
  const int first = row / across / down % along * frames, film = row / across / down / along;

  patches += (size_t) row * channels * frames * patch * patch;
  films += ((((size_t) film * length + first) * height + top) * width + left) * channels;
  for (int j = lane; j < channels * frames * patch; j += LANES)
    {
      const int c = j / patch / frames, t = j / patch % frames, y = j % patch;
      global float *line = films + ((size_t) t * height + y) * width * channels + c;
      global float *part = patches + j * patch;

      if (to_patches)
        for (int x = 0; x < patch; x++)
          ADD_TO (line[x * channels], part + x);
      else
        for (int x = 0; x < patch; x++)
          ADD_TO (part[x], line + x * channels);
    }
}
