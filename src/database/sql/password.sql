alter role :"tenant" with password :'verifier'
