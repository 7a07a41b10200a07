"""Invented people, places and news, in three languages, with what makes Arabic hard."""

from __future__ import annotations

ARABIC = [
    "من التقى وزير الري سامي البرقوقي في قصر الياسمين؟",
    "متى تُفتتح محطة القطار الجديدة في مدينة نهر الفضة؟",
    "أعلنت بلدية وادي الزمرد إغلاق الجسر القديم ثلاثة أيام.",
    "قال المتحدث باسم اللجنة إن الاجتماع تأجل إلى يوم الأحد.",
    "ما سبب انقطاع المياه عن حي الصفصاف؟",
    "مُحَمَّدٌ العَرْنوسُ كاتِبٌ يَكْتُبُ عَنِ البَحْرِ والمِلْحِ.",
    "وَصَلَ الوَفْدُ إلى مِينَاءِ القَمَرِ صَباحَ الثُّلاثاءِ.",
    "عـــاجـــل: إعـــادة فتح طريق الساحل بعد العاصفة",
    "ﻣﺤﻤﺪ ﺍﻟﻌﺮﻧﻮﺱ ﻳﻔﺘﺘﺢ ﺍﻟﻤﻌﺮﺽ ﻓﻲ ﺍﻟﻘﺎﻋﺔ ﺍﻟﻜﺒﺮﻯ",
    "ﻻ ﻷ ﻹ ﻵ ﷲ ﷺ ﷽ كلمات فيها حروف مركبة",
    "بلغ عدد المشاركين ١٢٣٤ شخصاً في ٧ مدن",
    "ارتفع السعر من ۱۵ إلى ۲۰ ديناراً في أسبوع",
    "افتتاح مهرجان التمور في واحة الهدهد 🎉🌴",
    "\u202bقال الرئيس الفخري للنادي\u202c إن المباراة ستقام \u2067غداً\u2069",
    "\u200fالبيان رقم 12\u200e صدر عن مجلس قرية السنابل\u200f",
    "انتُخبت ليلى الحدّاد رئيسةً لنقابة الخبّازين بأغلبية الأصوات",
    "هل وقّع الطرفان اتفاق الصيد في خليج المرجان؟",
    "الحكومة المحلية تدرس خفض رسوم النقل النهري",
    "كم بلغت ميزانية مستشفى تل النحل هذا العام؟",
    "«لن نغادر القرية»، هكذا قال المزارع نادر السكاكيني",
    "آخر الأخبار: أمطار غزيرة على إقليم الشِّيح",
    "إلى أين توجه قارب الصياد عمران بن قاسم؟",
    "نعم",
]
ENGLISH = [
    "Who met the water minister Sami Barqouqi in the Jasmine Palace?",
    "When will the new railway station of Silverbrook open?",
    "The council of Emerald Vale has closed the old bridge for three days.",
    "Why was the water cut off in the Willow quarter?",
    "Leila Haddad-Finch was elected head of the bakers' union.",
    "Fishing agreement signed in Coral Bay, says spokesman Orrin Tamsel",
    "The budget of Beehill hospital rose by 4.5% to 12 million.",
    "“We will not leave the village,” said the farmer Nader Sakakini.",
    "heavy rain warning for the province of Wormwood!!!",
    "ALL TRAINS CANCELLED",
    "Ask for Dr. Quillon O'Marrow at no. 7, Fennel St.",
    "Date festival opens in Hoopoe Oasis 🎉🌴👨‍👩‍👧",
    "The ﬁrst ﬂoor of the oﬃce was ﬂooded",
    "http://example.invalid/news?id=42&lang=en",
    "Temperatures reached 41 °C on ½ of the days",
    "Mixed: الوزير Barqouqi قال yes",
    "Was the vote in Ashgrove postponed to Sunday?",
    "café naïve coöperate",
    "a",
    "",
]
FRENCH = [
    "Qui a rencontré le ministre de l'Eau au palais des Jasmins ?",
    "Quand ouvrira la nouvelle gare de Rivargent ?",
    "La mairie de Val-d'Émeraude a fermé le vieux pont pendant trois jours.",
    "Pourquoi l'eau a-t-elle été coupée dans le quartier du Saule ?",
    "Élodie Marchetaux élue à la tête du syndicat des boulangers",
    "« Nous ne quitterons pas le village », a déclaré le fermier.",
    "Le budget de l'hôpital de Mont-Abeille s'élève à 12,5 millions d'euros",
    "Où est allé le bateau du pêcheur Amrane Belkacem ?",
    "Œuvres d'art volées à la cathédrale de Brumelande",
    "Noe\u0308l a\u0300 l'e\u0301cole : accents de\u0301compose\u0301s",
    "Fête des dattes à l'oasis de la Huppe 🎉",
    "L'accord de pêche a été signé hier soir.",
    "Grève générale : pas de trains dimanche",
    "ÇA ALORS ! QUEL ÉVÉNEMENT",
    "Combien d'habitants compte Saint-Orvain-les-Mûres ?",
    "Les élections de Hautecendre sont-elles reportées ?",
    "n° 3, 2e étage",
    "oui",
]

_STORY = (
    "اجتمع مجلس بلدية وادي الزمرد مساء أمس لبحث إصلاح الجسر القديم بعد الفيضان. "
    "وقالت المهندسة ليلى الحداد إن الأعمدة سليمة لكن الطريق يحتاج إلى أسبوعين من العمل. "
    "The engineer Orrin Tamsel said that a ferry would cross the river every hour. "
    "Les habitants de Rivargent demandent une navette gratuite pour les écoliers. "
)
LONG = _STORY * 8
"""A text of more than 600 tokens, in all three languages."""

FIRST_WINDOW = "صيادو خليج المرجان يشكون من ارتفاع سعر الوقود وقلة السمك هذا الموسم. " * 24
LATER_WINDOWS = (
    "Le musée de Brumelande expose pour la première fois les cartes du vieux port. " * 60
)
"""Two subjects, together more than 1,500 tokens; the first alone fills one window."""

ALL = [*ARABIC, *ENGLISH, *FRENCH, LONG]
