drop role if exists :"tenant";
drop role if exists :"owner";
