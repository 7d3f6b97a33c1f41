"""The notice in German."""

from mien_gateway.notice.wording import Section, Wording

GERMAN = Wording(
    title="Hier erkennt Software Gesichtsausdrücke",
    template=(
        Section(
            "Was geschieht",
            "Software sucht Gesichter in Bildern oder im Bild einer Kamera. Für jedes Gesicht "
            "schätzt sie, welchen Ausdruck es zeigt, etwa fröhlich, traurig oder neutral. Sie "
            "erkennt nicht, wer jemand ist, und legt keinen Abdruck eines Gesichts an, um es "
            "wiederzufinden.",
        ),
        Section("Wofür es verwendet wird", "{purpose}"),
        Section(
            "Was gespeichert wird",
            "Keine Bilder: Sie liegen im Arbeitsspeicher, solange sie betrachtet werden, und "
            "werden dann vergessen. {kept} Der Verlauf der Ausdrücke wird nur dann für eine Weile "
            "gespeichert, wenn der Absender der Bilder eine Sitzungskennung angibt.",
        ),
        Section(
            "Was es nicht kann",
            "Ein Ausdruck ist das, was ein Gesicht zeigt, nicht das, was ein Mensch fühlt. Die "
            "Software irrt sich oft, bei manchen Gruppen von Menschen öfter als bei anderen, und "
            "bei schlechtem Licht, abgewandten oder verdeckten Gesichtern. Niemand soll allein "
            "danach über einen Menschen entscheiden.",
        ),
        Section(
            "Ihre Rechte",
            "Sie dürfen fragen, ob Bilder von Ihnen betrachtet werden, dem widersprechen und "
            "verlangen, dass Ihnen gezeigt und gelöscht wird, was über Sie gespeichert ist; Sie "
            "dürfen eine Einwilligung jederzeit widerrufen und sich bei einer "
            "Datenschutzbehörde beschweren: Verordnung (EU) 2016/679 (DSGVO), Artikel 7, 12 bis "
            "21 und 77. An wen Sie sich wenden: {operator}.",
        ),
        Section(
            "Das Recht",
            "Wer ein System zur Emotionserkennung verwendet, muss die betroffenen Menschen "
            "darüber informieren: Verordnung (EU) 2024/1689 (KI-Verordnung), Artikel 50 Absatz 3. "
            "Am Arbeitsplatz und in Bildungseinrichtungen sind solche Systeme verboten, außer aus "
            "medizinischen Gründen oder Sicherheitsgründen: Artikel 5 Absatz 1 Buchstabe f.",
        ),
    ),
    purposes={
        "research": "Forschung",
        "accessibility": "Barrierefreiheit: Menschen zu helfen, Ausdrücke wahrzunehmen",
        "self_reflection": "Selbstbetrachtung: Menschen sehen sich ihre eigenen Ausdrücke an",
        "entertainment": "Unterhaltung",
        "market_research": "Marktforschung",
        "medical": "Medizinische Gründe",
        "safety": "Sicherheit",
        "workplace": "Am Arbeitsplatz, nur aus medizinischen Gründen oder Sicherheitsgründen",
        "education": (
            "In einer Bildungseinrichtung, nur aus medizinischen Gründen oder Sicherheitsgründen"
        ),
    },
    no_purpose=(
        "Der Betreiber hat es nicht angegeben; fragen Sie, bevor Sie Ihr Gesicht betrachten lassen."
    ),
    no_operator="wer Ihnen diesen Hinweis gezeigt hat oder die Kamera betreibt",
    kept=(
        "Die Ergebnisse werden {seconds} Sekunden lang unter einem Schlüssel-Hash gespeichert, "
        "aus dem sich das Bild nicht finden lässt."
    ),
    nothing_kept="Auch die Ergebnisse werden nicht gespeichert.",
)
