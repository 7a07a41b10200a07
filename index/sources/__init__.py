"""From what people bring (files, standard input, lines of JSON) to drafts."""
