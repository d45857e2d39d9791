package ebasvuru.streams;

/** The limits of a message and of single texts, in characters. The code is {@code too_large}. */
final class Limits {
    private static final int MESSAGE_BYTES = 1024 * 1024;
    /** Names, phone, e-mail, district, subject. */
    private static final int SHORT = 500;
    /** The address, each field, the reason of a withdrawal. */
    private static final int MIDDLE = 10_000;
    /** The text of the form. */
    private static final int LONG = 100_000;
    /** How many fields, and how many documents. */
    private static final int ITEMS = 200;

    private Limits() { }

    static void check(byte[] message) throws Fault {
        if (message.length <= MESSAGE_BYTES) return;
        throw tooLarge("the message has " + message.length + " bytes, more than " + MESSAGE_BYTES);
    }

    static void check(Submission it) throws Fault {
        within("applicant.first_name", it.firstName(), SHORT);
        within("applicant.last_name", it.lastName(), SHORT);
        within("applicant.phone", it.phone(), SHORT);
        within("applicant.email", it.email(), SHORT);
        within("contact.address", it.address(), MIDDLE);
        within("contact.district", it.district(), SHORT);
        within("form.subject", it.subject(), SHORT);
        within("form.text", it.text(), LONG);
        atMost("documents", it.documents().size());
        JsonObject fields = it.fields();
        if (fields == null) return;
        for (int i = 0; i < fields.size(); i++) {
            within("the name of a field", fields.name(i), SHORT);
            within("a field", (String) fields.value(i), MIDDLE);
        }
        atMost("form.fields", fields.size());
    }

    static void check(Withdrawal it) throws Fault {
        within("reason", it.reason(), MIDDLE);
    }

    private static void within(String what, String text, int max) throws Fault {
        // Chars first, which are cheaper: no text has fewer chars than characters.
        if (text == null || text.length() <= max || text.codePointCount(0, text.length()) <= max) return;
        throw tooLarge(what + " has more than " + max + " characters");
    }

    private static void atMost(String what, int count) throws Fault {
        if (count > ITEMS) throw tooLarge(what + " has " + count + " items, more than " + ITEMS);
    }

    private static Fault tooLarge(String detail) {
        return new Fault("too_large", detail);
    }
}
