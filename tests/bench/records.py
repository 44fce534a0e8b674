"""Measurements kept in a CSV file, so that a second call goes on where one stopped."""

import csv


class Records:
    """Rows by the fields of `key`; a file of None keeps them for this call alone."""

    def __init__(self, file, key, numbers):
        self.file, self.key, self.fields = file, key, key + numbers
        self.rows = {}
        if file and file.exists():
            with file.open(newline="") as stream:
                self.rows = {tuple(row[name] for name in key): row for row in csv.DictReader(stream)}

    def __contains__(self, key):
        return tuple(map(str, key)) in self.rows

    def __getitem__(self, key):
        return self.rows[tuple(map(str, key))]

    def add(self, key, numbers):
        key = tuple(map(str, key))
        self.rows[key] = dict(zip(self.key, key)) | numbers
        if not self.file:
            return
        fresh = not self.file.exists() or self.file.stat().st_size == 0
        with self.file.open("a", newline="") as stream:
            writer = csv.DictWriter(stream, self.fields)
            if fresh:
                writer.writeheader()
            writer.writerow(self.rows[key])
