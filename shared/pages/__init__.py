"""Pages for people: their frame, languages, forms, and the files that browsers load with them.

What identity, console and portal have in common. A form comes from the page on which it was shown, holds
what can be kept, and leads nowhere but on this site; a page needs no script and loads nothing from elsewhere. Services
import it; nothing of the machine does.
"""
