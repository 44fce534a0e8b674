"""`eidoscope bench` tells of one short case what compare.py and a reader rely on.

    python3 command.py EIDOSCOPE
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

COMMAND = sys.argv.pop(1)
CASE, BATCH = 'vit-s16-224-mae', 16
PHASES = ['forward', 'backward', 'update']


def bench(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([COMMAND, 'bench', *arguments], env=os.environ | {'TMPDIR': folder},
                              capture_output=True, text=True, check=True).stdout


class Bench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lines = bench(CASE, '--seconds', '0', '--precision', 'f32', '--json').splitlines()
        cls.told = json.loads(cls.lines[0])

    def test_one_object_a_case(self):
        self.assertEqual(len(self.lines), 1)
        self.assertEqual((self.told['case'], self.told['precision']), (CASE, 'f32'))
        self.assertTrue(self.told['device'])

    def test_speed_is_of_the_median_step(self):
        self.assertGreaterEqual(self.told['steps'], 5)
        self.assertAlmostEqual(self.told['samples_per_second'] * self.told['step_milliseconds'] / 1000 / BATCH, 1, 6)

    def test_phases_make_up_the_time_on_the_device(self):
        profile = self.told['profile']
        for phase in PHASES:
            self.assertAlmostEqual(sum(entry['milliseconds'] for entry in profile if entry['phase'] == phase),
                                   self.told[phase + '_ms'], 6)
            self.assertGreater(self.told[phase + '_ms'], 0)

    def test_a_phase_the_case_lacks_has_no_number(self):
        """Its views are made once, before the clock runs."""
        self.assertNotIn('load_ms', self.told)
        self.assertNotIn('augment_ms', self.told)

    def test_products_are_told_from_the_rest(self):
        self.assertAlmostEqual(self.told['gemm_share'] + self.told['copy_share'], 1, 6)
        self.assertGreater(self.told['gemm_share'], 0.1)
        work = sum(entry['work'] for entry in self.told['profile'])
        # Three passes: 50 tokens through 12 blocks of 384 channels, 197 through 4 of 256.
        least = 3 * 2 * BATCH * 12 * (50 * 12 * 384 ** 2 + 197 * 4 * 256 ** 2)
        self.assertGreater(work, least)
        self.assertLess(work, 1.5 * least)
        self.assertAlmostEqual(100 * work / self.told['step_milliseconds'] / 1e6 / self.told['gemm_ceiling_gflops'],
                               self.told['gemm_ceiling_percent'], 3)
        self.assertGreater(self.told['copy_ceiling_gbps'], 0)

    def test_memory_holds_the_model(self):
        """Weights, gradients and two moments of 24 million parameters at least."""
        for key in ['peak_bytes', 'peak_device_bytes', 'peak_rss_bytes']:
            self.assertGreater(self.told[key], 4 * 4 * 24e6, key)
        self.assertLess(self.told['peak_bytes'], self.told['peak_rss_bytes'])


if __name__ == '__main__':
    unittest.main()
