globalThis.siteWords = {
 "language": "de",
 "words": {
  "%(before)s before, %(after)s after": "%(before)s vorher, %(after)s nachher",
  "%(clock)s %(day)s": "%(day)s um %(clock)s Uhr",
  "%(clock)s on %(day)s": "%(day)s um %(clock)s Uhr",
  "%(count)s image": [
   "%(count)s Bild",
   "%(count)s Bilder"
  ],
  "%(count)s image erased.": [
   "%(count)s Bild gelöscht.",
   "%(count)s Bilder gelöscht."
  ],
  "%(count)s image more.": [
   "%(count)s weiteres Bild.",
   "%(count)s weitere Bilder."
  ],
  "%(count)s image selected": [
   "%(count)s ausgewählt",
   "%(count)s ausgewählt"
  ],
  "%(count)s image, newest first": [
   "%(count)s Bild, Neuestes zuerst",
   "%(count)s Bilder, Neuestes zuerst"
  ],
  "%(count)s is being cut out": [
   "%(count)s wird freigestellt",
   "%(count)s werden freigestellt"
  ],
  "%(count)s is being sent": [
   "%(count)s wird gesendet",
   "%(count)s werden gesendet"
  ],
  "%(count)s is in the queue": [
   "%(count)s ist in der Warteschlange",
   "%(count)s sind in der Warteschlange"
  ],
  "%(count)s is not": [
   "%(count)s nicht",
   "%(count)s nicht"
  ],
  "%(count)s is ready to be sent": [
   "%(count)s ist bereit zum Senden",
   "%(count)s sind bereit zum Senden"
  ],
  "%(count)s part is covered.": [
   "%(count)s Stelle ist abgedeckt.",
   "%(count)s Stellen sind abgedeckt."
  ],
  "%(count)s photo is being cut out": [
   "%(count)s Foto wird freigestellt",
   "%(count)s Fotos werden freigestellt"
  ],
  "%(count)s photo is being sent": [
   "%(count)s Foto wird gesendet",
   "%(count)s Fotos werden gesendet"
  ],
  "%(count)s photo is cut out": [
   "%(count)s Foto ist freigestellt",
   "%(count)s Fotos sind freigestellt"
  ],
  "%(count)s photo is in the queue": [
   "%(count)s Foto ist in der Warteschlange",
   "%(count)s Fotos sind in der Warteschlange"
  ],
  "%(count)s photo is not cut out": [
   "%(count)s Foto ist nicht freigestellt",
   "%(count)s Fotos sind nicht freigestellt"
  ],
  "%(count)s photo is ready to be sent": [
   "%(count)s Foto ist bereit zum Senden",
   "%(count)s Fotos sind bereit zum Senden"
  ],
  "%(count)s photo, newest first": [
   "%(count)s Foto, Neuestes zuerst",
   "%(count)s Fotos, Neuestes zuerst"
  ],
  "%(count)s photos failed. %(first)s The others say why on their cards.": "%(count)s Fotos sind fehlgeschlagen. %(first)s Bei den anderen steht der Grund auf ihrer Karte.",
  "%(count)s stroke, not saved yet.": [
   "%(count)s Strich, noch nicht gespeichert.",
   "%(count)s Striche, noch nicht gespeichert."
  ],
  "%(day)s at %(clock)s": "%(day)s um %(clock)s Uhr",
  "%(full)s image has 20 tags already.": [
   "%(full)s Bild hat schon 20 Schlagwörter.",
   "%(full)s Bilder haben schon 20 Schlagwörter."
  ],
  "%(hours)s h": "%(hours)s Std.",
  "%(hours)s h %(minutes)s min": "%(hours)s Std. %(minutes)s Min.",
  "%(left)s download left": [
   "Noch %(left)s Download",
   "Noch %(left)s Downloads"
  ],
  "%(minutes)s min": "%(minutes)s Min.",
  "%(name)s is erased.": "%(name)s ist gelöscht.",
  "%(seconds)s s": "%(seconds)s Sek.",
  "%(sent)s of %(total)s photo sent": [
   "%(sent)s von %(total)s Foto gesendet",
   "%(sent)s von %(total)s Fotos gesendet"
  ],
  "%(sent)s of %(total)s photo sent, %(bad)s failed": [
   "%(sent)s von %(total)s Foto gesendet, %(bad)s fehlgeschlagen",
   "%(sent)s von %(total)s Fotos gesendet, %(bad)s fehlgeschlagen"
  ],
  "%(shown)s and %(more)s more are not sent yet. Closing this page leaves them unsent.": [
   "%(shown)s und %(more)s weiteres Foto sind noch nicht gesendet. Wird diese Seite geschlossen, bleiben sie ungesendet.",
   "%(shown)s und %(more)s weitere Fotos sind noch nicht gesendet. Wird diese Seite geschlossen, bleiben sie ungesendet."
  ],
  "%(shown)s is not sent yet. Closing this page leaves it unsent.": [
   "%(shown)s ist noch nicht gesendet. Wird diese Seite geschlossen, bleibt das Foto ungesendet.",
   "%(shown)s sind noch nicht gesendet. Wird diese Seite geschlossen, bleiben die Fotos ungesendet."
  ],
  "%(size)s MB": "%(size)s MB",
  "%(size)s byte": [
   "%(size)s Byte",
   "%(size)s Byte"
  ],
  "%(size)s kB": "%(size)s kB",
  "%(total)s photo is sent": [
   "%(total)s Foto ist gesendet",
   "Alle %(total)s Fotos sind gesendet"
  ],
  "%(width)s wide, %(height)s high, %(left)s from the left, %(top)s from the top. Enter covers it.": "%(width)s breit, %(height)s hoch, %(left)s von links, %(top)s von oben. Die Eingabetaste deckt ab.",
  "%(width)s × %(height)s pixels": "%(width)s × %(height)s Pixel",
  "Address copied": "Adresse kopiert",
  "Almost nothing found": "Fast nichts gefunden",
  "Applied to %(count)s image.": [
   "Auf %(count)s Bild angewendet.",
   "Auf %(count)s Bilder angewendet."
  ],
  "As cut out": "Wie freigestellt",
  "Being checked": "Wird geprüft",
  "Being cut out": "Wird freigestellt",
  "Being erased": "Wird gelöscht",
  "Being made": "Wird erstellt",
  "Being sent": "Wird gesendet",
  "Being sent, %(percent)s": "Wird gesendet, %(percent)s",
  "Being stored": "Wird gespeichert",
  "Choose at least one image.": "Bitte mindestens ein Bild auswählen.",
  "Copied. Paste it where you need it.": "Kopiert. Jetzt lässt es sich überall einfügen.",
  "Covered, this photo is larger than %(most)s MB. Cover a smaller copy.": "Abgedeckt ist dieses Foto größer als %(most)s MB. Bitte eine kleinere Kopie abdecken.",
  "Cut out": "Freigestellt",
  "Do not send %(open)s photo": [
   "%(open)s Foto nicht senden",
   "%(open)s Fotos nicht senden"
  ],
  "Do not send %(open)s photo?": [
   "%(open)s Foto nicht senden?",
   "%(open)s Fotos nicht senden?"
  ],
  "Download all %(count)s (ZIP)": "Alle %(count)s herunterladen (ZIP)",
  "Download the newest %(count)s (ZIP)": "Die neuesten %(count)s herunterladen (ZIP)",
  "Edit %(count)s image": [
   "%(count)s Bild bearbeiten",
   "%(count)s Bilder bearbeiten"
  ],
  "Erase %(count)s image now": [
   "%(count)s Bild löschen",
   "%(count)s Bilder löschen"
  ],
  "Erase %(count)s image now?": [
   "%(count)s Bild jetzt löschen?",
   "%(count)s Bilder jetzt löschen?"
  ],
  "Erased": "Gelöscht",
  "Erased in %(span)s": "Wird in %(span)s gelöscht",
  "Go on": "Fortsetzen",
  "In the queue": "In der Warteschlange",
  "It was not copied. Download it instead.": "Das Kopieren ist nicht gelungen. Herunterladen geht stattdessen.",
  "Its SHA-256 is being computed.": "Die SHA-256-Prüfsumme wird berechnet.",
  "Its SHA-256 is filled in. The file stays on this device.": "Die SHA-256-Prüfsumme ist eingetragen. Die Datei bleibt auf diesem Gerät.",
  "Its size is being found out.": "Die Größe wird ermittelt.",
  "Its size is not known yet.": "Die Größe ist noch nicht bekannt.",
  "No passkey was used: the request was cancelled or timed out. Try again when your key is at hand.": "Es wurde kein Passkey benutzt: Die Anfrage wurde abgebrochen oder ist abgelaufen. Bitte noch einmal versuchen, wenn der Schlüssel zur Hand ist.",
  "No subject found": "Kein Motiv gefunden",
  "Not cut out": "Nicht freigestellt",
  "Not erased. %(why)s": "Nicht gelöscht. %(why)s",
  "Not erased. Try again.": "Nicht gelöscht. Bitte noch einmal versuchen.",
  "Not made": "Nicht erstellt",
  "Not sent": "Nicht gesendet",
  "Nothing is covered yet.": "Noch ist nichts abgedeckt.",
  "One version holds no more strokes. Save it, or undo some of them.": "Mehr Striche fasst eine Fassung nicht. Bitte speichern oder einige Striche zurücknehmen.",
  "Passkeys work only on this site’s own address over https. Check the address bar.": "Passkeys funktionieren nur unter der eigenen Adresse dieser Seite über https. Bitte die Adresszeile prüfen.",
  "Pasted photo.png": "Eingefügtes Foto.png",
  "Pause": "Anhalten",
  "Paused: %(progress)s": "Angehalten: %(progress)s",
  "Photos are sent again.": "Die Fotos werden wieder gesendet.",
  "Picture. Arrow keys move the brush, Enter puts it down and lifts it, question mark lists all keys.": "Bild. Die Pfeiltasten bewegen den Pinsel, die Eingabetaste setzt ihn auf und hebt ihn ab, das Fragezeichen zeigt alle Tasten.",
  "Press Escape again to leave without covering anything.": "Noch einmal Escape drücken, um zu schließen, ohne etwas abzudecken.",
  "Ready to be sent": "Bereit zum Senden",
  "Ready to be sent, covered": "Bereit zum Senden, abgedeckt",
  "Save version": "Fassung speichern",
  "Saved. Keep it beside the photo: nothing of it stays here.": "Gespeichert. Am besten neben dem Foto aufbewahren: Hier bleibt nichts davon.",
  "Saving…": "Wird gespeichert …",
  "Selected: copy it with Ctrl+C": "Markiert: mit Strg+C kopieren",
  "Sending is paused.": "Das Senden ist angehalten.",
  "Sending…": "Wird gesendet …",
  "Shared images": "Geteilte Bilder",
  "Shown": "Angezeigt",
  "The SHA-256 of this photo as the studio sends it, without place and camera, is filled in. The file stays on this device.": "Die SHA-256-Prüfsumme dieses Fotos, wie das Studio es sendet, ohne Ort und Kamera, ist eingetragen. Die Datei bleibt auf diesem Gerät.",
  "The connection broke before the page was whole. Reload it and choose this again.": "Die Verbindung ist abgebrochen, bevor die Seite vollständig war. Bitte neu laden und diese Datei noch einmal auswählen.",
  "The covered photo is being made.": "Das abgedeckte Foto wird erstellt.",
  "The covered photo is ready to be sent.": "Das abgedeckte Foto ist bereit zum Senden.",
  "The download begins.": "Der Download beginnt.",
  "The file is being made…": "Die Datei wird erstellt …",
  "The next images did not come. Check the connection and try again.": "Die nächsten Bilder sind nicht angekommen. Bitte die Verbindung prüfen und noch einmal versuchen.",
  "The original is on its way.": "Das Original ist unterwegs.",
  "The original photo": "Das Originalfoto",
  "The passkey could not be used. Try again, or sign in another way.": "Der Passkey ließ sich nicht benutzen. Bitte noch einmal versuchen oder auf andere Weise anmelden.",
  "The photo cannot be opened here. Reload the page; its options can be changed.": "Das Foto lässt sich hier nicht öffnen. Bitte die Seite neu laden; die Einstellungen lassen sich trotzdem ändern.",
  "The server answered with the error %(status)s. Try again.": "Der Server hat mit dem Fehler %(status)s geantwortet. Bitte noch einmal versuchen.",
  "The server did not answer. Check the connection and try again.": "Der Server hat nicht geantwortet. Bitte die Verbindung prüfen und noch einmal versuchen.",
  "These images no longer exist": "Diese Bilder gibt es nicht mehr",
  "This browser cannot draw %(size)s megapixels at once. Cover a smaller copy.": "Dieser Browser kann %(size)s Megapixel nicht auf einmal darstellen. Bitte eine kleinere Kopie abdecken.",
  "This browser cannot draw a photo of this size.": "Dieser Browser kann ein Foto dieser Größe nicht darstellen.",
  "This browser cannot draw this photo, so nothing on it can be covered here. Save it as JPEG or PNG first.": "Dieser Browser kann dieses Foto nicht darstellen, deshalb lässt sich hier nichts darin abdecken. Bitte zuerst als JPEG oder PNG speichern.",
  "This browser cannot show the original. Download it to see it.": "Dieser Browser kann das Original nicht anzeigen. Nach dem Herunterladen lässt es sich ansehen.",
  "This browser cannot write this photo. Cover a smaller copy.": "Dieser Browser kann dieses Foto nicht schreiben. Bitte eine kleinere Kopie abdecken.",
  "This browser computes a SHA-256 over https alone. Paste it instead.": "Dieser Browser berechnet eine SHA-256-Prüfsumme nur über https. Sie lässt sich stattdessen einfügen.",
  "This file cannot be read. Choose it again.": "Diese Datei lässt sich nicht lesen. Bitte noch einmal auswählen.",
  "This file is %(kind)s. Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo.": "Diese Datei ist %(kind)s. Bitte ein Foto als JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF oder BMP senden.",
  "This file is empty. Send the photo again.": "Diese Datei ist leer. Bitte das Foto noch einmal senden.",
  "This file is larger than %(most)s MB. Send a smaller copy.": "Diese Datei ist größer als %(most)s MB. Bitte eine kleinere Kopie senden.",
  "This file is not a photo. Send a JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF or BMP photo.": "Diese Datei ist kein Foto. Bitte ein Foto als JPEG, PNG, WebP, AVIF, HEIC, TIFF, GIF oder BMP senden.",
  "This image has been erased, and its versions with it. Nothing was saved.": "Dieses Bild ist gelöscht, und mit ihm seine Fassungen. Es wurde nichts gespeichert.",
  "This key cannot do what is asked of it. Use another one.": "Dieser Schlüssel kann nicht, was von ihm verlangt wird. Bitte einen anderen benutzen.",
  "This key is already on your account. Use another one.": "Dieser Schlüssel gehört schon zu Ihrem Konto. Bitte einen anderen benutzen.",
  "This link ends in %(span)s": "Dieser Link endet in %(span)s",
  "This link has ended": "Dieser Link ist abgelaufen",
  "This page has a fault. Reload it and send the photo again.": "Diese Seite hat einen Fehler. Bitte neu laden und das Foto noch einmal senden.",
  "This photo cannot be covered here. Cover it in another program.": "In diesem Foto lässt sich hier nichts abdecken. Das geht nur in einem anderen Programm.",
  "This photo is %(width)s × %(height)s pixels; the limit is %(most)s megapixels. Send a smaller copy.": "Dieses Foto hat %(width)s × %(height)s Pixel; erlaubt sind %(most)s Megapixel. Bitte eine kleinere Kopie senden.",
  "This photo is damaged, or stored in a way that cannot be read here. Save it again as JPEG or PNG and send that copy.": "Dieses Foto ist beschädigt, oder so gespeichert, dass es hier nicht gelesen werden kann. Bitte noch einmal als JPEG oder PNG speichern und diese Kopie senden.",
  "This photo says where it was taken. The place is taken out before it is sent.": [
   "Dieses Foto verrät, wo es aufgenommen wurde. Der Ort wird vor dem Senden entfernt.",
   "%(found)s Fotos verraten, wo sie aufgenommen wurden. Der Ort wird vor dem Senden entfernt."
  ],
  "Try the failed one again": [
   "Das fehlgeschlagene noch einmal versuchen",
   "Die %(failed)s fehlgeschlagenen noch einmal versuchen"
  ],
  "Version %(number)s": "Fassung %(number)s",
  "Version %(number)s is made.": "Fassung %(number)s ist fertig.",
  "Version %(number)s is saved and being made.": "Fassung %(number)s ist gespeichert und wird erstellt.",
  "Version %(number)s was saved or chosen elsewhere since you opened this page. Your strokes and options are still here.": "Fassung %(number)s wurde anderswo gespeichert oder gewählt, seit diese Seite geöffnet ist. Ihre Striche und Einstellungen sind noch da.",
  "Waiting for the server": "Wartet auf den Server",
  "Waiting for your word": "Wartet auf Ihr Wort",
  "Waiting to be sent": "Wartet aufs Senden",
  "What this file says besides its picture cannot be taken out: it is built in a way that is not understood here. Covering parts writes it anew, without all of that.": "Was diese Datei außer ihrem Bild verrät, lässt sich nicht entfernen: Ihr Aufbau wird hier nicht verstanden. Beim Abdecken wird sie neu geschrieben, ohne all das.",
  "You are signed out. Sign in and reload this page to see the next images.": "Sie sind abgemeldet. Nach dem Anmelden und Neuladen dieser Seite erscheinen die nächsten Bilder.",
  "a 7z archive": "ein 7z-Archiv",
  "a BigTIFF image": "ein BigTIFF-Bild",
  "a GIMP file": "eine GIMP-Datei",
  "a JPEG 2000 image": "ein JPEG-2000-Bild",
  "a JPEG XL image": "ein JPEG-XL-Bild",
  "a PDF": "ein PDF",
  "a Photoshop file": "eine Photoshop-Datei",
  "a PostScript file": "eine PostScript-Datei",
  "a RAR archive": "ein RAR-Archiv",
  "a ZIP archive": "ein ZIP-Archiv",
  "a camera raw file": "eine Kamera-Rohdatei",
  "a gzip archive": "ein gzip-Archiv",
  "a sound file": "eine Tondatei",
  "a text file": "eine Textdatei",
  "a video": "ein Video",
  "a web page": "eine Webseite",
  "an Office document": "ein Office-Dokument",
  "an SVG drawing": "eine SVG-Zeichnung",
  "an XML file": "eine XML-Datei",
  "an icon file": "eine Symboldatei",
  "today": "heute",
  "tomorrow": "morgen",
  "yesterday": "gestern",
  "“%(word)s” is off %(tagged)s image.": [
   "„%(word)s“ ist von %(tagged)s Bild entfernt.",
   "„%(word)s“ ist von %(tagged)s Bildern entfernt."
  ],
  "“%(word)s” is on %(tagged)s image.": [
   "„%(word)s“ steht an %(tagged)s Bild.",
   "„%(word)s“ steht an %(tagged)s Bildern."
  ]
 }
};
