"""Processes of the shapes that people draw, as Mermaid text."""

PROCESSES: dict[str, str] = {
    "straight line": "a([Start]) --> b[One] --> c[Two] --> d([End])",
    "if and else": "a([Start]) --> q{Ok?}\nq -- yes --> b[Do]\nq -- no --> c[Repair]\nb --> d[Go on]\nc --> d",
    "if without else": "q0[Begin work] --> q{Hot?}\nq -- yes --> b[Cool]\nb --> c[Go on]\nq -- no --> c",
    "both arms end": "a([Start]) --> q{Ok?}\nq -- yes --> b[Pay] --> e1([End])\nq -- no --> c[Refuse] --> e2([End])",
    "guards one after another": (
        "a([Start]) --> q{Signed?}\nq -- no --> x[Refuse] --> z([End])\nq -- yes --> r{Paid?}\nr -- no --> z\n"
        "r -- yes --> b[Pack] --> c[Send] --> d[File] --> z"
    ),
    "switch of four": (
        "a([Start]) --> q{Kind?}\nq -- a --> b[A]\nq -- b --> c[B]\nq -- c --> d[C]\nq -- else --> e[D]\n"
        "b --> z[End of switch]\nc --> z\nd --> z\ne --> z"
    ),
    "while": "a([Start]) --> q{More?}\nq -- yes --> b[Take] --> c[Handle] --> q\nq -- no --> z([End])",
    "do while": "a([Start]) --> b[Try] --> c[Check] --> q{Failed?}\nq -- yes --> b\nq -- no --> z([End])",
    "infinite loop": "a([Start]) --> b[Poll] --> c[Sleep] --> b",
    "loop with a step as its test": "a([Start]) --> b[Try]\nb -- failed --> b\nb -- done --> c[Report]",
    "self loop": "a([Start]) --> b[Knock] --> b\nb -- open --> c[Enter]",
    "nested loops": (
        "a([Start]) --> q{Rows left?}\nq -- yes --> r{Cells left?}\nr -- yes --> b[Fill cell] --> r\n"
        "r -- no --> c[Next row] --> q\nq -- no --> z([End])"
    ),
    "three loops deep": (
        "a[Set up] --> q{A?}\nq -- y --> r{B?}\nr -- y --> s{C?}\ns -- y --> b[Work] --> s\ns -- n --> r\n"
        "r -- n --> q\nq -- n --> z[Clean]"
    ),
    "loop with two exits": (
        "a([Start]) --> b[Call] --> q{Answered?}\nq -- yes --> c[Talk] --> z([End])\nq -- no --> r{Tired?}\n"
        "r -- no --> b\nr -- yes --> d[Write] --> z"
    ),
    "loop with two exits that part": (
        "a([Start]) --> b[Call] --> q{Answered?}\nq -- yes --> c[Talk] --> c2[Note]\nq -- no --> r{Tired?}\n"
        "r -- no --> b\nr -- yes --> d[Write] --> e[Send]"
    ),
    "loop left from its middle": (
        "a([Start]) --> b[Read] --> q{End of file?}\nq -- no --> c[Parse] --> b\nq -- yes --> d[Close] --> z([End])"
    ),
    "loop begun in its middle": (
        "a([Start]) --> c[Two]\nb[One] --> c --> q{Again?}\nq -- yes --> b\nq -- no --> z([End])"
    ),
    "two loops one after another": (
        "a[A] --> q{x?}\nq -- y --> b[B] --> q\nq -- n --> r{y?}\nr -- y --> c[C] --> r\nr -- n --> d[D]"
    ),
    "two ways back to one step": (
        "a([Start]) --> b[Fill in] --> q{Complete?}\nq -- no --> b\nq -- yes --> r{Correct?}\nr -- no --> b\n"
        "r -- yes --> c[File] --> z([End])"
    ),
    "back to different steps": (
        "a[Draft] --> b[Review] --> q{Verdict?}\nq -- rewrite --> a\nq -- polish --> c[Polish] --> b\n"
        "q -- accept --> d[Print]"
    ),
    "shared tail of two arms": (
        "q0[Ask] --> q{A?}\nq -- yes --> b[B]\nq -- no --> r{C?}\nr -- yes --> b\nr -- no --> d[D]\nb --> e[E]\nd --> e"
    ),
    "jump out of a nested choice": (
        "s[S] --> q{A?}\nq -- yes --> r{B?}\nr -- yes --> t[T]\nr -- no --> u[U]\nt --> v[V]\n"
        "q -- no --> u\nu --> w[W]\nv --> w"
    ),
    "irreducible": "a([Start]) --> q{Left?}\nq -- yes --> b[B] --> c[C]\nq -- no --> c\nc --> b\nb --> z[Out]",
    "irreducible with a choice": (
        "a --> q{?}\nq -- 1 --> b[B]\nq -- 2 --> c[C]\nb --> c\nc --> r{?}\nr -- back --> b\nr -- on --> d[D]"
    ),
    "two pages of a cross": "a --> b --> c --> d\na --> d\nb --> a\nd --> b\nc --> a",
    "several entries": "a([Mail]) --> c[Sort]\nb([Phone]) --> d[Write down] --> c\nc --> e[Answer]",
    "several exits": "a([Start]) --> q{?}\nq -- 1 --> b([Sold])\nq -- 2 --> c([Kept])\nq -- 3 --> d[Throw away]",
    "disconnected parts": "a([Start]) --> b[One]\nc[Two] --> d[Three]\ne[Alone]",
    "part that nothing leads to": "a([Start]) --> b[One] --> z([End])\nx[Lost] --> b",
    "cycle without an entry": "a([Start]) --> b[One]\nx[Round] --> y[And round] --> x",
    "empty merge": "a([Start]) --> q{Ok?}\nq -- yes --> b[B] --> m{ }\nq -- no --> c[C] --> m\nm --> d[D]",
    "merge as a loop's header": "a([Start]) --> m{ } --> b[Try] --> q{Ok?}\nq -- no --> m\nq -- yes --> z([End])",
    "plain fork": "a([Start]) --> b[Split up]\nb --> c[Left] --> e[Meet]\nb --> d[Right] --> e",
}
"""Flowcharts, without their first line."""

BARS = "f@{ shape: fork, label: ' ' }\nj@{ shape: fork, label: ' ' }\n".replace("'", '"')
PARALLEL: dict[str, str] = {
    "fork and join": BARS + "a([Start]) --> f\nf --> b[B] --> j\nf --> c[C] --> j\nj --> d[D]",
    "loop inside a fork": BARS
    + ("a([Start]) --> f\nf --> b[B] --> q{Again?}\nq -- yes --> b\nq -- no --> j\nf --> c[C] --> j\nj --> d[D]"),
    "fork inside a loop": BARS
    + ("a([Start]) --> f\nf --> b[B] --> j\nf --> c[C] --> j\nj --> q{Again?}\nq -- yes --> f\nq -- no --> d[D]"),
    "arm of a fork that ends": BARS + "a([Start]) --> f\nf --> b[B] --> z([End])\nf --> c[C] --> d[D]",
    "choice inside a fork": BARS
    + ("a([Start]) --> f\nf --> q{?}\nq -- 1 --> b[B] --> j\nq -- 2 --> c[C] --> j\nf --> d[D] --> j\nj --> e[E]"),
}
