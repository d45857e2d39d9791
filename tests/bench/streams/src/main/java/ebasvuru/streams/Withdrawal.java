package ebasvuru.streams;

import java.util.UUID;

/** A withdrawal of the right shape. The reason may be null. */
record Withdrawal(UUID id, String reason) {
    private static final String SCHEMA = "edevlet.withdrawal.v1";
    private static final String KIND = "withdrawal";

    /** Whether a message says that it is one. */
    static boolean is(Members root) {
        return root.is("kind", KIND) || root.is("schema", SCHEMA);
    }

    static Withdrawal read(Members root) throws Fault {
        root.constant("schema", SCHEMA);
        if (root.isGiven("kind")) root.constant("kind", KIND);
        UUID id = root.uuid("submission_id");
        root.time("withdrawn_at");
        return new Withdrawal(id, root.optionalText("reason"));
    }
}
