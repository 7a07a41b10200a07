"""Pictures and transcripts of what the bot says, made from its own messages.

    python -m tools.screens pictures       # docs/screens/*.png
    python -m tools.screens transcripts    # docs/transcripts/*.md

The bot runs as a process against the double of the Bot API in `tests/fakes/telegram`. Scripted
dialogues (`pictures.toml`, `transcripts.toml`) are played against it, over the articles of `seeds/`
and, where BRIEFING_EVAL_DIR names a folder of evaluation data, those of its folder `libya`.
"""
