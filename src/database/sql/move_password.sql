alter role :"tenant" nologin password :'verifier'
