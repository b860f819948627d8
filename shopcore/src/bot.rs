//! The bot framework: frontend-neutral chat, and the plug-ins that make a shop of it.
