//! Mail, through the one SMTP server of the settings (`smtp.url`).

use std::time::{Duration, SystemTime};

use axum::http::Uri;
use ebasvuru_workflow::domain::ids::SenderId;
use ebasvuru_workflow::domain::schedule::Recipient;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use uuid::Uuid;

/// How long each step of a conversation with the server may take.
const STEP: Duration = Duration::from_secs(20);

/// The settings of mail.
#[derive(Clone, Debug, Default)]
pub struct MailConfig {
    /// The server; empty: no mail.
    pub url: String,
    /// The name to log in with; empty: without login.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The sender.
    pub from: String,
    /// Where the staff web is reached, for links.
    pub base_url: String,
    /// The domains of recipients; empty: any.
    pub allowed_domains: String,
}

/// Sends mail. Each start is a sender of its own.
#[derive(Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    base_url: String,
    domains: Vec<String>,
    /// This process among those that send.
    pub sender: SenderId,
}

/// A mail, but for its recipient.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its identity, the same at each attempt.
    pub id: Uuid,
    /// When it is made.
    pub at: SystemTime,
    /// The subject.
    pub subject: String,
    /// The body.
    pub html: String,
    /// The body for programs that show no HTML.
    pub text: String,
    /// The name, media type and content of the attachment.
    pub attachment: (String, &'static str, Vec<u8>),
}

/// Why a mail was not sent, in the words of the server or of the network.
#[derive(Debug, PartialEq, Eq)]
pub enum MailError {
    /// The server did not answer, or asked to try again later.
    Away(String),
    /// This server, or this recipient, will not take it.
    Refused(String),
}

impl Mailer {
    /// The mailer of these settings; `None` if mail is off.
    ///
    /// # Errors
    /// One line that names the setting and says what to do.
    pub fn new(config: &MailConfig) -> Result<Option<Self>, String> {
        if config.url.trim().is_empty() {
            return Ok(None);
        }
        let url: Uri =
            config.url.trim().parse().map_err(|_| "smtp.url is not an address: smtp://host:port")?;
        let authority = url.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') {
            return Err("smtp.url must not hold a password: set smtp.user and smtp.password".into());
        }
        let is_plain = url.scheme_str() != Some("smtps") && url.query() != Some("tls=required");
        let is_near = matches!(url.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if is_plain && !is_near && !config.user.is_empty() {
            return Err("smtp.url would send the password in clear: use smtps:// or ?tls=required".into());
        }
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(config.url.trim())
            .map_err(|error| format!("smtp.url: {}", words(&error)))?
            .timeout(Some(STEP));
        if !config.user.is_empty() {
            transport = transport.credentials(Credentials::new(config.user.clone(), config.password.clone()));
        }
        let from = config.from.parse();
        let from =
            from.map_err(|_| "smtp.from must be the sender, as e-Başvuru <ebasvuru@example.gov.tr>")?;
        let base_url = config.base_url.trim().trim_end_matches('/').to_owned();
        let is_web = |url: &Uri| matches!(url.scheme_str(), Some("http" | "https")) && url.host().is_some();
        if !base_url.parse().is_ok_and(|url| is_web(&url)) {
            return Err(
                "smtp.base_url must be where the staff web is reached, as https://basvuru.example.gov.tr"
                    .into(),
            );
        }
        let domains = config.allowed_domains.split(',').map(|domain| domain.trim().to_ascii_lowercase());
        Ok(Some(Self {
            transport: transport.build(),
            from,
            base_url,
            domains: domains.filter(|domain| !domain.is_empty()).collect(),
            sender: SenderId(Uuid::new_v4()),
        }))
    }

    /// Whether mail may go there.
    #[must_use]
    pub fn allows(&self, recipient: &Recipient) -> bool {
        self.domains.is_empty() || self.domains.iter().any(|domain| domain == recipient.domain())
    }

    /// The domains to which mail may go; empty: any.
    #[must_use]
    pub fn domains(&self) -> &[String] {
        &self.domains
    }

    /// The address of a page as it is written into a mail.
    #[must_use]
    pub fn link(&self, page: &str) -> String {
        format!("{}{page}", self.base_url)
    }

    /// Sends a mail to one recipient.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn send(&self, mail: &Mail, to: &Recipient) -> Result<(), MailError> {
        let message = self.message(mail, to).map_err(MailError::Refused)?;
        self.transport.send(message).await.map(drop).map_err(|error| {
            let never = error.is_permanent() || error.is_client();
            if never { MailError::Refused(words(&error)) } else { MailError::Away(words(&error)) }
        })
    }

    /// Whether the server answers.
    ///
    /// # Errors
    /// Why it does not, in one line.
    pub async fn check(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("the mail server closes the connection".into()),
            Err(error) => Err(words(&error)),
        }
    }

    fn message(&self, mail: &Mail, to: &Recipient) -> Result<Message, String> {
        let address: Address = to.as_str().parse().map_err(|_| format!("not an e-mail address: {to}"))?;
        // Each recipient's mail has an id of its own, which the domain of the sender makes unique.
        let id = Uuid::new_v5(&mail.id, to.as_str().as_bytes());
        let (name, media_type, content) = &mail.attachment;
        let media_type = ContentType::parse(media_type).map_err(|error| error.to_string())?;
        let body = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        let attachment = Attachment::new(name.clone()).body(content.clone(), media_type);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(mail.subject.clone())
            .date(mail.at)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::mixed().multipart(body).singlepart(attachment))
            .map_err(|error| error.to_string())
    }
}

/// An error of the server or the network, with its causes.
fn words(error: &SmtpError) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    let code = error.status().map(|code| code.to_string());
    let said: Vec<String> = code.into_iter().chain(causes).collect();
    if said.is_empty() { error.to_string() } else { said.join(" ") }
}

/// RFC 3834: no out-of-office note answers a mail that a program sent.
#[derive(Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> MailConfig {
        MailConfig {
            url: url.into(),
            from: "e-Başvuru <ebasvuru@icisleri.gov.tr>".into(),
            base_url: "https://basvuru.icisleri.gov.tr/".into(),
            ..MailConfig::default()
        }
    }

    fn wrong(config: &MailConfig) -> String {
        Mailer::new(config).unwrap_err()
    }

    #[test]
    fn without_a_server_mail_is_off() {
        assert!(Mailer::new(&MailConfig::default()).unwrap().is_none());
    }

    #[test]
    fn a_wrong_setting_is_named() {
        assert!(wrong(&config("ftp://posta")).starts_with("smtp.url"));
        assert!(wrong(&config("smtp://u:gizli@posta")).contains("smtp.password"));
        assert!(!wrong(&config("smtp://u:gizli@posta")).contains("gizli"));
        let login = |url| MailConfig { user: "u".into(), password: "p".into(), ..config(url) };
        assert!(wrong(&login("smtp://posta.icisleri.gov.tr:587")).contains("in clear"));
        for url in ["smtps://posta", "smtp://posta:587?tls=required", "smtp://127.0.0.1:2525"] {
            assert!(Mailer::new(&login(url)).unwrap().is_some(), "{url}");
        }
        let no_from = MailConfig { from: String::new(), ..config("smtp://posta") };
        assert!(wrong(&no_from).starts_with("smtp.from"));
        for base_url in ["", "basvuru.gov.tr", "ftp://x"] {
            let wrong = wrong(&MailConfig { base_url: base_url.into(), ..config("smtp://posta") });
            assert!(wrong.starts_with("smtp.base_url"), "{base_url}: {wrong}");
        }
    }

    #[test]
    fn mail_goes_to_the_allowed_domains_alone() {
        let allowed_domains = "icisleri.gov.tr, NVI.gov.tr".into();
        let mailer = MailConfig { allowed_domains, ..config("smtp://posta") };
        let mailer = Mailer::new(&mailer).unwrap().unwrap();
        let allows = |to: &str| mailer.allows(&to.parse().unwrap());
        assert!(allows("a@icisleri.gov.tr") && allows("a@NVI.gov.tr"));
        assert!(!allows("a@kotu-icisleri.gov.tr") && !allows("a@alt.icisleri.gov.tr"));
        assert_eq!(mailer.link("/raporlama"), "https://basvuru.icisleri.gov.tr/raporlama");
    }

    #[test]
    fn a_subject_adds_no_header() {
        let mailer = Mailer::new(&config("smtp://posta")).unwrap().unwrap();
        let mail = Mail {
            id: Uuid::nil(),
            at: SystemTime::UNIX_EPOCH,
            subject: "Haftalık\r\nBcc: baska@example.com".into(),
            html: "<p>ş</p>".into(),
            text: "ş".into(),
            attachment: ("a.xlsx".into(), "application/octet-stream", vec![1]),
        };
        let to = "a@icisleri.gov.tr".parse().unwrap();
        let sent = String::from_utf8(mailer.message(&mail, &to).unwrap().formatted()).unwrap();
        let (head, _) = sent.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        let again = String::from_utf8(mailer.message(&mail, &to).unwrap().formatted()).unwrap();
        let id = |sent: &str| sent.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned();
        assert_eq!(id(&sent), id(&again), "a repeated attempt is recognised");
    }
}
