"""What every other room may use: context, time, errors, settings, log. It holds no state and asks no database.

Keeps: time comes from one clock, settings are read once, an error says in both languages what to do now.
Everybody may import it; it imports nothing of the machine.
"""
