package ebasvuru.streams;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** What one message becomes: a command, or a fault. Used by one thread. */
final class Stage {
    /** The retention class of the reasons of withdrawals, because that of the application is not known. */
    private static final String APPLICATIONS = "basvuru";

    private final Catalog catalog;
    private final Sealer sealer;
    private final Indexes indexes;
    private final EntryNames entryNames = new EntryNames();
    private final Ids ids = new Ids();
    private final JsonWriter canonical = new JsonWriter();
    private final JsonWriter content = new JsonWriter();
    private final JsonWriter out = new JsonWriter();

    Stage(Catalog catalog, KeyRing ring) {
        this.catalog = catalog;
        sealer = new Sealer(ring);
        indexes = new Indexes(ring);
    }

    /** The command for a message that stands there and is read at this time. */
    Command command(byte[] message, RecordMetadata from, Time now) throws Fault {
        if (message == null) throw new Fault("not_json", "the record has no value");
        Limits.check(message);
        Utf8.check(message);
        Members root = Members.root(Json.parse(message));
        if (Withdrawal.is(root)) {
            Withdrawal it = Withdrawal.read(root);
            Limits.check(it);
            return withdraw(it, contentHash(root), now);
        }
        Submission it = Submission.read(root);
        Limits.check(it);
        String contentHash = contentHash(root);
        return receive(Admitted.of(it, catalog, now), contentHash, from, now);
    }

    private String contentHash(Members root) {
        Canonical.write(root.object(), canonical.clear());
        return indexes.ofContent(canonical);
    }

    private Command receive(Admitted admitted, String contentHash, RecordMetadata from, Time now) {
        Submission it = admitted.submission();
        String application = ids.application(it.id());
        String id = ids.command(application, "receive/" + contentHash);
        Content.write(admitted, content.clear());
        // The month of its arrival, not of its confirmation, whose key may be destroyed.
        sealer.begin(entryNames.of(admitted.service().retentionClass(), now), application);
        begin(application, id, now);
        out.raw("\"receive\",\"body\":{\"submission_id\":").quoted(it.id().toString());
        out.raw(",\"submitted_at\":").quoted(it.submittedAt().utc());
        out.raw(",\"service\":").quoted(admitted.service().slug());
        out.raw(",\"valilik\":").number(admitted.valilik());
        out.raw(",\"unit\":").quoted(admitted.unit());
        applicant(it);
        out.raw(",\"content\":");
        sealer.seal(Sealer.Field.CONTENT, content.bytes(), content.length(), out);
        out.raw(",\"content_hash\":").quoted(contentHash);
        documents(admitted.documents());
        out.raw(",\"source\":[").quoted(from.topic());
        out.raw(',').number(from.partition());
        out.raw(',').number(from.offset()).raw("]}}}}");
        return new Command(application.getBytes(StandardCharsets.US_ASCII), out.copy());
    }

    /** What is stored of a person in clear. */
    private void applicant(Submission it) {
        String name = it.firstName() + " " + it.lastName();
        out.raw(",\"applicant\":{\"masked_name\":").string(Mask.of(name));
        out.raw(",\"masked_tckn\":\"*********").raw(it.tckn().substring(9));
        out.raw("\",\"tckn_index\":").quoted(indexes.ofTckn(it.tckn()));
        out.raw(",\"name_index\":[");
        String comma = "";
        for (String word : Fold.indexWords(name)) {
            out.raw(comma).quoted(indexes.ofWord(word));
            comma = ",";
        }
        out.raw("]}");
    }

    private void documents(List<Document> documents) {
        out.raw(",\"documents\":[");
        String comma = "";
        for (Document it : documents) {
            out.raw(comma).raw("{\"name\":");
            sealer.seal(Sealer.Field.DOCUMENT_NAME, it.name(), out);
            out.raw(",\"media_type\":").string(it.mediaType());
            out.raw(",\"size\":").number(it.size());
            out.raw(",\"sha256\":").quoted(it.sha256());
            out.raw(",\"uri\":").quoted(it.uri()).raw('}');
            comma = ",";
        }
        out.raw(']');
    }

    private Command withdraw(Withdrawal it, String contentHash, Time now) {
        String application = ids.application(it.id());
        begin(application, ids.command(application, "citizen-withdraw/" + contentHash), now);
        out.raw("\"citizen_withdraw\",\"body\":{\"reason\":");
        if (it.reason() == null || Text.isBlank(it.reason())) {
            out.raw("null");
        } else {
            String reason = Text.trim(it.reason());
            sealer.begin(entryNames.of(APPLICATIONS, now), application);
            out.raw("{\"sealed\":");
            sealer.seal(Sealer.Field.WITHDRAWAL_REASON, reason, out);
            out.raw(",\"chars\":").number(reason.codePointCount(0, reason.length())).raw('}');
        }
        out.raw("}}}}");
        return new Command(application.getBytes(StandardCharsets.US_ASCII), out.copy());
    }

    /** Begins a command, up to its type. */
    private void begin(String application, String id, Time now) {
        out.clear().raw("{\"application\":").quoted(application);
        out.raw(",\"command\":{\"id\":").quoted(id);
        out.raw(",\"actor\":{\"kind\":\"citizen\"},\"at\":").quoted(now.utc());
        out.raw(",\"what\":{\"type\":");
    }
}
