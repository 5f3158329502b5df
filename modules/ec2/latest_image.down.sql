-- Takes back what answers the newest image.

drop function ec2.latest_image(text, text, text);
