"""The contract between services: entries, messages, and one module of past-tense events per publisher."""
