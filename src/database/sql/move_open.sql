alter role :"tenant" login
