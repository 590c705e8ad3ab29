"""What people are told by mail of the harvests: facts → states → who → grouped → sent once.

`states` reads what stands (pure), `facts` where it is read, `store` what began, ended and was told,
`people` who hears of it, `news` the words, `send` the mails, `choices` what a person wants to hear.
"""
