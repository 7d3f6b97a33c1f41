"""The notice in English."""

from mien_gateway.notice.wording import Section, Wording

ENGLISH = Wording(
    title="Software recognises facial expressions here",
    template=(
        Section(
            "What happens",
            "Software looks for faces in pictures or in the images of a camera. For each face it "
            "estimates which expression the face shows, such as happy, sad or neutral. It does "
            "not recognise who somebody is, and makes no print of a face to find it again.",
        ),
        Section("What it is used for", "{purpose}"),
        Section(
            "What is kept",
            "No pictures: they are held in memory while they are looked at, and then forgotten. "
            "{kept} Expressions over time are kept for a while only if whoever sends the pictures "
            "gives a session id.",
        ),
        Section(
            "What it cannot do",
            "An expression is what a face shows, not what a person feels. The software is often "
            "wrong, more often for some groups of people than for others, and with poor light, "
            "with turned or covered faces. Nobody should decide about a person by it alone.",
        ),
        Section(
            "Your rights",
            "You may ask whether pictures of you are looked at, object to it, and have what is "
            "kept of you shown and erased; you may withdraw a consent at any time, and complain "
            "to a data protection authority: Regulation (EU) 2016/679 (GDPR), articles 7, 12 to "
            "21 and 77. Whom to ask: {operator}.",
        ),
        Section(
            "The law",
            "Who uses a system that recognises emotions must tell the people exposed to it: "
            "Regulation (EU) 2024/1689 (the AI Act), article 50(3). At the workplace and in "
            "education such systems are prohibited but for medical or safety reasons: article "
            "5(1)(f).",
        ),
    ),
    purposes={
        "research": "Research",
        "accessibility": "Accessibility: to help people to perceive expressions",
        "self_reflection": "Self-reflection: people look at their own expressions",
        "entertainment": "Entertainment",
        "market_research": "Market research",
        "medical": "Medical reasons",
        "safety": "Safety",
        "workplace": "At the workplace, for medical or safety reasons only",
        "education": "In education, for medical or safety reasons only",
    },
    no_purpose="The operator has not said; ask before you let your face be looked at.",
    no_operator="whoever showed you this notice or runs the camera",
    kept=(
        "The results are kept for {seconds} seconds, under a keyed hash from which the picture "
        "cannot be found."
    ),
    nothing_kept="The results are not kept either.",
)
