"""Render what the archive holds, as a picture with a short caption."""

from __future__ import annotations

from bot.i18n.formats import number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import archive_stats_text
from bot.i18n.translations import translator
from bot.research.views.period_chart import render_period_chart
from bot.telegram.message import OutgoingMessage, trusted_text
from bot.telegram.reply import Attachment, Reply
from index.research.archive_overview import ArchiveOverview


def render_overview(overview: ArchiveOverview, lang: UiLanguage) -> Reply:
    """Render the overview of an archive; without dated articles it has no picture."""
    _ = translator(lang).gettext
    lines = [archive_stats_text(overview.stats, lang)]
    dated_count = sum(count.article_count for count in overview.periods.counts)
    if undated_count := overview.stats.articles - dated_count:
        # Translators: {articles}: a number of articles.
        template = _("Without a date: {articles}")
        lines.append(template.format(articles=number_text(undated_count, lang)))
    if overview.source_count:
        # Translators: {sources}: a number of sources.
        template = _("Sources: {sources}")
        lines.append(template.format(sources=number_text(overview.source_count, lang)))
    caption = OutgoingMessage(trusted_text("\n".join(lines)))
    if not dated_count:
        return Reply(caption)
    png = render_period_chart(_("What the archive holds"), overview.periods, lang, overview.sources)
    return Reply(caption, attachment=Attachment("archive.png", png, is_photo=True))
