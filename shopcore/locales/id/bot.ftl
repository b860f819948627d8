# What every bot says, whatever its plug-ins.

