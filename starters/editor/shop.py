"""The till of a small shop."""


class Line:
    def __init__(self, name, cents, count):
        self.name, self.cents, self.count = name, cents, count


def total_cents(lines):
    """What all lines cost together: of each its cents times its count."""
    return sum(


def print_bill(lines):
    for line in lines:
        print(f"{line.count} x {line.name}: {line.cents * line.count}")
    print(f"total: {total_cents(lines)}")
