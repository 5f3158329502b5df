grant connect, temporary on database :"database" to :"tenant"
