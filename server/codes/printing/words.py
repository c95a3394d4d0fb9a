"""The words below every code, in more languages than the interface has: a poster speaks to whoever passes by."""

from flask_babel import force_locale

from server.core.i18n import LANGUAGES, gettext

_LINES = {
    "ar": (
        "امسح الرمز بكاميرا هاتفك.",
        "بلا تطبيق وبلا حساب. ليس لديك كاميرا؟ افتح العنوان أدناه واكتب الرمز.",
    ),
    "de": (
        "Mit der Kamera des Telefons scannen.",
        "Keine App, kein Konto. Keine Kamera? Die Adresse unten öffnen und den Code eintippen.",
    ),
    "el": (
        "Σαρώστε με την κάμερα του κινητού σας.",
        "Χωρίς εφαρμογή, χωρίς λογαριασμό. Δεν έχετε κάμερα; Ανοίξτε την παρακάτω διεύθυνση και γράψτε τον κωδικό.",
    ),
    "fr": (
        "Scannez avec l’appareil photo de votre téléphone.",
        "Ni application ni compte. Pas d’appareil photo ? Ouvrez l’adresse ci-dessous et tapez le code.",
    ),
    "pl": (
        "Zeskanuj aparatem telefonu.",
        "Bez aplikacji i bez konta. Nie masz aparatu? Otwórz adres poniżej i wpisz kod.",
    ),
    "tr": (
        "Telefonunuzun kamerasıyla tarayın.",
        "Uygulama yok, hesap yok. Kameranız yok mu? Aşağıdaki adresi açıp kodu yazın.",
    ),
    "uk": (
        "Наведіть камеру телефона на код.",
        "Без застосунку й без облікового запису. Немає камери? Відкрийте адресу нижче та введіть код.",
    ),
}
PRINTED = (*LANGUAGES, *sorted(_LINES.keys() - set(LANGUAGES)))
"""Languages that a sheet can speak."""


def what_to_do(lang: str) -> tuple[str, str]:
    """Return the two lines below every code, in the language of the card rather than of the reader."""
    if lang in _LINES and lang not in LANGUAGES:
        return _LINES[lang]
    with force_locale(lang):
        return (
            gettext("Scan with your phone's camera."),
            gettext("No app, no account. No camera? Open the address below and type the code."),
        )
