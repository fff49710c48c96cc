"""The rules: pure functions on values that say when a feature should move, to what, and why.

`judge.judge` turns a frozen `Snapshot` into a `Verdict`; everything else here feeds it or tells what it said. Nothing
is imported here: a command that reads facts does not wait for all the rules.
"""
