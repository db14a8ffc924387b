"""Holds the transcript of a search in the README to what the program prints.

    python3 check_transcript.py README.md OUTPUT

Lines of the transcript must be lines of the output, in that order; "..." stands for what
is left out, of a line or between lines. Plain Go kernels round otherwise than the AVX2
and AVX-512 ones, so without those the figures are others: call it elsewhere only.
"""

import re
import sys

COMMAND = "    $ discover run --preset quick --name first\n"
text = open(sys.argv[1], encoding="utf-8").read()
transcript = re.match(r"(?:    .*\n|\n)*", text.split(COMMAND)[1])[0]
wanted = [line[4:] for line in transcript.splitlines() if line.strip() not in ("", "...")]
output = open(sys.argv[2], encoding="utf-8").read().splitlines()
at = 0
for line in wanted:
    pattern = re.compile(re.escape(line).replace(r"\.\.\.", ".*"))
    try:
        at = next(i for i in range(at, len(output)) if pattern.fullmatch(output[i])) + 1
    except StopIteration:
        sys.exit(f"WRONG the README shows a line that was not printed, or not there: {line}")
if len(wanted) < 10:
    sys.exit(f"WRONG only {len(wanted)} lines of a transcript in the README")
print(f"ok    the {len(wanted)} lines of the README's transcript were printed")
