"""What people and bots say: short, by intent and mood. No personal data; that is put in by `personal.py`."""

OPENING = {
    "billing": ("My bill went up a lot.", "What is this charge?",
                "I was billed twice."),
    "payment": ("I want to pay my balance.", "My direct debit failed.", "Can I move my payment date?"),
    "outage": ("My broadband is down.", "We have no power.",
               "The internet drops out."),
    "move_home": ("I am moving next week.", "I have a new address.",
                  "We moved in on Friday."),
    "tariff_change": ("I want to change tariff.", "My fixed deal is ending.",
                      "Is there a cheaper tariff?"),
    "meter_reading": ("I have a meter reading.", "My smart meter shows nothing.", "Is my reading estimated?"),
    "account_access": ("I cannot log in.", "The code never arrives.",
                       "Please reset my password."),
    "complaint": ("I want to make a complaint.", "Nobody answered my complaint.",
                  "I report this the third time."),
}  # fmt: skip
WELSH = ("Helo, mae gen i gwestiwn am fy mil.", "Dydw i ddim yn gallu mewngofnodi.", "Rwy'n symud tŷ wythnos nesaf.")
GREETING = "Hello, I am Lara. How can I help?"
BOT = {
    "billing": ("Your bill covers 31 days.", "Here is the bill breakdown."),
    "payment": ("Here is the payment page.", "Pick any day from 1 to 28."),
    "outage": ("Engineers are on site.", "Please restart the router."),
    "move_home": ("Tell me the moving date.", "I have noted the move."),
    "tariff_change": ("There are two tariffs.", "There is no exit fee."),
    "meter_reading": ("Thank you, the reading is saved.", "Please type five digits."),
    "account_access": ("I have sent you a link.", "Please type the code."),
    "complaint": ("I am sorry to hear that.", "You will get an answer."),
}  # fmt: skip
BOT_TRAP = ("I can help with that here. Choose a topic.",
            "I can help with that here. Pick a topic.")  # fmt: skip
HANDOVER = "I am passing you to a colleague."
TICKET = "I have left a ticket for the team."
GOOD = ("Thank you, that is sorted.", "Great, thanks.", "That is all I needed.", "Lovely, cheers.")
FLAT = ("OK.", "Right.", "I see.", "I will look at it later.")
BAD = ("That is not what I asked.", "It still does not work.", "I said that three times.",
       "No, that does not help.", "Very disappointing.")  # fmt: skip
AGENT_OPEN = ("Hello, let me look at that.", "Hi, thanks for waiting.",
              "Hello, I can see the account.")  # fmt: skip
AGENT_WORK = ("I have corrected that.", "I am sending a confirmation.", "I need to check this.",
              "It will be done tomorrow.")  # fmt: skip
AGENT_GOODBYE = "I will pass you on."
COMMENT_GOOD = ("Quick and friendly.", "Sorted in one go.", "Easy.", "Very helpful, thank you.", "")
COMMENT_BAD = ("Still not fixed.", "The bot kept asking the same thing.", "Had to contact you again.", "Waited too long.", "")
